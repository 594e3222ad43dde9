/** The JSON in an event's `data` lines, and where each byte of it stands in the event. */
export interface EventData {
  json: Buffer;
  at: (offset: number) => number;
}

interface Line {
  start: number;
  bytes: Buffer;
}

const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from("data:");
const BLANK = 0x20;
const LINE_FEED = Buffer.from("\n");
const MARK = Buffer.from("\ufeff");

/** What an event says: its `data` lines, joined by a line feed if there are several; undefined for one without. */
export function dataOf(event: Buffer, { isFirst }: { isFirst: boolean }): EventData | undefined {
  const from = isFirst && event.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  const parts = [...linesOf(event, from)].flatMap((line) => dataLine(line) ?? []);
  const [first] = parts;
  if (first === undefined) return undefined;
  if (parts.length === 1) return { json: first.bytes, at: (offset) => first.start + offset };
  return joined(parts);
}

function joined(parts: readonly Line[]): EventData {
  const json = Buffer.concat(parts.flatMap(({ bytes }) => [bytes, LINE_FEED]));
  let length = 0;
  const shifts = parts.map(({ start, bytes }) => {
    const from = length;
    length += bytes.length + 1;
    return { from, by: start - from };
  });
  return { json, at: (offset) => offset + shiftAt(shifts, offset) };
}

/** By halves: there may be as many lines as names. */
function shiftAt(shifts: readonly { from: number; by: number }[], offset: number): number {
  let low = 0;
  for (let high = shifts.length - 1; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if ((shifts[middle]?.from ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return shifts[low]?.by ?? 0;
}

function dataLine({ start, bytes }: Line): Line | undefined {
  if (!bytes.subarray(0, DATA.length).equals(DATA)) return undefined;
  const from = bytes[DATA.length] === BLANK ? DATA.length + 1 : DATA.length;
  return { start: start + from, bytes: bytes.subarray(from) };
}

function* linesOf(event: Buffer, from: number): Generator<Line> {
  let start = from;
  for (let at = from; at < event.length; at += 1) {
    if (event[at] !== LF && event[at] !== CR) continue;
    yield { start, bytes: event.subarray(start, at) };
    start = at + 1;
  }
  yield { start, bytes: event.subarray(start) };
}
