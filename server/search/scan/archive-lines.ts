import { AppError } from "../../../contract/errors.ts";
import type { LineRange } from "../../index/lookup/passages.ts";
import { readChunksHere } from "../../sessions/chunks-sync.ts";
import { timeOfLine, turnsOfLine, type SearchedTurn } from "../../sessions/line-turns.ts";
import { LINE_FEED } from "../../storage/line-feeds.ts";
import type { SessionSource } from "./job.ts";
import type { LineTest, RawHint } from "./raw-hint.ts";

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
    const isWorth = hint.worth(data);
    reached = Math.min(toLine, firstLine + lines - 1);
    yield {
      lines: isWorth === undefined ? [] : linesIn(data, firstLine, { ranges, isWorth }),
      lastLine: reached,
    };
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
 * Lines end with `\n` and nothing else; U+2028 and the like are part of a line. Each is decoded by itself: one with a
 * foreign character must not make all others take twice the memory.
 */
function* linesIn(
  data: Buffer,
  firstLine: number,
  { ranges, isWorth }: { ranges: readonly LineRange[]; isWorth: LineTest },
): Generator<ArchiveLine> {
  let line = firstLine;
  for (let start = 0; start < data.length; line += 1) {
    const feed = data.indexOf(LINE_FEED, start);
    const end = feed === -1 ? data.length : feed;
    if (end > start && isIn(line, ranges) && isWorth(start))
      yield* turnsIn(data.toString("utf8", start, end), line);
    start = end + 1;
  }
}

function* turnsIn(text: string, line: number): Generator<ArchiveLine> {
  const turns = turnsOfLine(text);
  if (turns.length > 0) yield { line, turns, timeMs: () => timeOfLine(text) };
}

function isIn(line: number, ranges: readonly LineRange[]): boolean {
  return ranges.some(([first, last]) => line >= first && line <= last);
}
