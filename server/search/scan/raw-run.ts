import { LINE_FEED } from "../../storage/line-feeds.ts";
import { linesWith } from "./raw-lines.ts";

/** So many bytes in a row, all of one class. */
interface Run {
  /** For every byte 1 when it is of the class, else 0. */
  isOf: Uint8Array;
  length: number;
}

const CLASS = /\[(?:\\.|[^\]\\])+\]/g;
/** Nothing but classes. Of other patterns it is not known what stands side by side. */
const CLASSES = new RegExp(`^(?:${CLASS.source})+$`);
/** Few bytes can be passed over for a shorter run. */
const SHORTEST = 6;
const BYTES = 256;

/**
 * The longest run in everything that a pattern matches, for a pattern of classes, such as `[A-Z][A-Z]`. Undefined when
 * there is none, or only of small letters, which stand everywhere.
 */
export function runIn(pattern: string): Run | undefined {
  if (!CLASSES.test(pattern)) return undefined;
  let best: Run | undefined;
  let [current, length] = ["", 0];
  for (const each of pattern.match(CLASS) ?? []) {
    length = each === current ? length + 1 : 1;
    current = each;
    if (length < Math.max(SHORTEST, (best?.length ?? 0) + 1)) continue;
    const isOf = bytesOf(each);
    if (isOf[0x65] === 0) best = { isOf, length };
  }
  return best;
}

function bytesOf(characters: string): Uint8Array {
  const test = new RegExp(characters);
  const isOf = Uint8Array.from({ length: BYTES }, (_, byte) =>
    test.test(String.fromCharCode(byte)) ? 1 : 0,
  );
  isOf[LINE_FEED] = 0;
  return isOf;
}

/**
 * As `linesWith`, for a pattern whose every match holds the run: one byte of so many is looked at, and only lines with the run
 * are read.
 */
export function linesWithRun(data: Buffer, run: Run, pattern: RegExp): Set<number> {
  const starts = new Set<number>();
  for (let end = 0, last = endOfRun(data, run, 0); last !== -1; last = endOfRun(data, run, end)) {
    const feed = data.indexOf(LINE_FEED, last);
    const start = data.lastIndexOf(LINE_FEED, last) + 1;
    end = feed === -1 ? data.length : feed;
    if (linesWith(data.subarray(start, end), pattern).size > 0) starts.add(start);
  }
  return starts;
}

/** The last byte of the first run from a byte on; -1 when there is none. */
function endOfRun(data: Buffer, { isOf, length }: Run, from: number): number {
  for (let last = from + length - 1; last < data.length;) {
    let before = last;
    while (before > last - length && isOf[data[before] ?? 0] === 1) before -= 1;
    if (before === last - length) return last;
    last = before + length;
  }
  return -1;
}
