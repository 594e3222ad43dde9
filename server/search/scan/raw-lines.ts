import { LINE_FEED } from "../../storage/line-feeds.ts";

/** A string of so many bytes takes memory that was just freed; a longer one is given new pages each time. */
const PIECE_BYTES = 64 * 1024;

/** Where lines begin, in bytes, ascending. */
type LineStarts = Set<number>;

/** Where each line of the data begins, in bytes. */
export function* allLines(data: Buffer): Generator<number> {
  for (let start = 0; start < data.length;) {
    yield start;
    const feed = data.indexOf(LINE_FEED, start);
    start = feed === -1 ? data.length : feed + 1;
  }
}

/** The lines of the data that match the pattern, which has the flag `g`; to it a byte is a character. */
export function linesWith(data: Buffer, pattern: RegExp): LineStarts {
  const starts: LineStarts = new Set();
  for (let start = 0; start < data.length;) {
    const end = endOfPiece(data, start);
    addLines(starts, { raw: data.toString("latin1", start, end), start }, pattern);
    start = end;
  }
  return starts;
}

/** Behind a line end: the last one that is near enough, or the next. */
function endOfPiece(data: Buffer, start: number): number {
  if (data.length - start <= PIECE_BYTES) return data.length;
  const last = data.lastIndexOf(LINE_FEED, start + PIECE_BYTES - 1);
  const feed = last < start ? data.indexOf(LINE_FEED, start + PIECE_BYTES) : last;
  return feed === -1 ? data.length : feed + 1;
}

function addLines(starts: LineStarts, { raw, start }: { raw: string; start: number }, pattern: RegExp): void {
  pattern.lastIndex = 0;
  for (let found = pattern.exec(raw); found !== null; found = pattern.exec(raw)) {
    starts.add(start + raw.lastIndexOf("\n", found.index) + 1);
    const end = raw.indexOf("\n", found.index);
    if (end === -1) break;
    pattern.lastIndex = end + 1;
  }
  pattern.lastIndex = 0;
}
