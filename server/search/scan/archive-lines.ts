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
  for await (const chunk of readChunksHere(root, segments, wanted)) {
    reached = Math.min(toLine, chunk.firstLine + chunk.lines - 1);
    yield { lines: wantedLines(chunk, ranges, hint), lastLine: reached };
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

/** Some lines of a transcript, and which the first of them is. */
interface Lines {
  data: Buffer;
  firstLine: number;
}

function* wantedLines(
  chunk: Lines & { lines: number },
  ranges: readonly LineRange[],
  hint: RawHint,
): Generator<ArchiveLine> {
  for (const wanted of linesInRanges(chunk, ranges)) yield* linesAt(wanted, hint.worth(wanted.data));
}

/** Of a chunk those lines that lie in the ranges: mostly few, and nothing else is looked through. */
function* linesInRanges(
  { data, firstLine, lines }: Lines & { lines: number },
  ranges: readonly LineRange[],
): Generator<Lines> {
  const lastLine = firstLine + lines - 1;
  let [line, at] = [firstLine, 0];
  for (const [first, last] of ranges) {
    if (last < line || first > lastLine) continue;
    const from = behindLines(data, at, first - line);
    line = Math.max(line, first);
    at = last >= lastLine ? data.length : behindLines(data, from, last - line + 1);
    yield { data: data.subarray(from, at), firstLine: line };
    line = last + 1;
  }
}

/** The byte behind so many lines from a byte on. */
function behindLines(data: Buffer, from: number, count: number): number {
  let at = from;
  for (let passed = 0; passed < count; passed += 1) {
    const feed = data.indexOf(LINE_FEED, at);
    if (feed === -1) return data.length;
    at = feed + 1;
  }
  return at;
}

/**
 * The lines that begin at these bytes. Lines end with `\n` and nothing else; U+2028 and the like are part of a line. Each is
 * decoded by itself: one with a foreign character must not make all others take twice the memory. Of those between them
 * only the ends are counted, and none behind the last.
 */
function* linesAt({ data, firstLine }: Lines, starts: Iterable<number>): Generator<ArchiveLine> {
  let [line, at] = [firstLine, 0];
  for (const start of starts) {
    for (; at < start; line += 1) at = data.indexOf(LINE_FEED, at) + 1;
    const feed = data.indexOf(LINE_FEED, start);
    const end = feed === -1 ? data.length : feed;
    if (end > start) yield* turnsIn(data.toString("utf8", start, end), line);
  }
}

function* turnsIn(text: string, line: number): Generator<ArchiveLine> {
  const turns = turnsOfLine(text);
  if (turns.length > 0) yield { line, turns, timeMs: () => timeOfLine(text) };
}
