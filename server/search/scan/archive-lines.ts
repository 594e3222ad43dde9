import { AppError } from "../../../contract/errors.ts";
import type { LineRange } from "../../index/lookup/passages.ts";
import { readChunksHere } from "../../sessions/chunks-sync.ts";
import { timeOfLine, turnsOfLine, type SearchedTurn } from "../../sessions/line-turns.ts";
import { LINE_FEED } from "../../storage/line-feeds.ts";
import type { SessionSource } from "./job.ts";
import type { RawHint } from "./raw-hint.ts";

/** A line of an archive with the turns it holds, masked. */
export interface ArchiveLine {
  line: number;
  turns: SearchedTurn[];
  /** When it was written, if it says so. */
  timeMs(): number | undefined;
}

/**
 * The lines of an archive that hold turns and are worth reading, chunk by chunk, with the last line of each chunk. Throws
 * `damaged` for an archive that is shorter than its session: somebody replaced it.
 */
export async function* archiveLines(
  root: string,
  source: SessionSource,
  hint: RawHint,
): AsyncGenerator<{ lines: Iterable<ArchiveLine>; lastLine: number }> {
  const { segments, fromLine } = source;
  const ranges = rangesOf(source);
  const toLine = ranges.at(-1)?.[1] ?? 0;
  const isWanted = ({ firstLine, lines }: { firstLine: number; lines: number }) =>
    ranges.some(([first, last]) => first < firstLine + lines && last >= firstLine);
  const wanted = { fromLine, toLine, isWanted };
  let reached = fromLine - 1;
  for await (const { firstLine, lines, data } of readChunksHere(root, segments, wanted)) {
    reached = Math.min(toLine, firstLine + lines - 1);
    yield { lines: linesIn(data, firstLine, { ranges, starts: hint.worth(data) }), lastLine: reached };
  }
  if (reached < toLine)
    throw new AppError("damaged", "the archive does not hold as many lines as its session");
}

/** The lines to read, in ascending ranges. */
function rangesOf({ fromLine, lastLine, ranges = [[1, lastLine]] }: SessionSource): LineRange[] {
  return ranges.flatMap(([first, last]): LineRange[] => {
    const [from, to] = [Math.max(first, fromLine), Math.min(last, lastLine)];
    return from > to ? [] : [[from, to]];
  });
}

/**
 * The lines that begin at these bytes. Lines end with `\n` and nothing else; U+2028 and the like are part of a line. Each is
 * decoded by itself: one with a foreign character must not make all others take twice the memory. Of those between them
 * only the ends are counted, and none behind the last.
 */
function* linesIn(
  data: Buffer,
  firstLine: number,
  { ranges, starts }: { ranges: readonly LineRange[]; starts: Iterable<number> },
): Generator<ArchiveLine> {
  let [line, at] = [firstLine, 0];
  for (const start of starts) {
    for (; at < start; line += 1) at = data.indexOf(LINE_FEED, at) + 1;
    const feed = data.indexOf(LINE_FEED, start);
    const end = feed === -1 ? data.length : feed;
    if (end > start && isIn(line, ranges)) yield* turnsIn(data.toString("utf8", start, end), line);
  }
}

function* turnsIn(text: string, line: number): Generator<ArchiveLine> {
  const turns = turnsOfLine(text);
  if (turns.length > 0) yield { line, turns, timeMs: () => timeOfLine(text) };
}

function isIn(line: number, ranges: readonly LineRange[]): boolean {
  return ranges.some(([first, last]) => line >= first && line <= last);
}
