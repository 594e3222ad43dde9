/** Where something stands in bytes: `end` is behind its last byte. */
export interface Span {
  start: number;
  end: number;
}

/** A key of an object, decoded, with the value's place and that of the whole `"key": value`. */
export interface Member {
  key: string;
  value: Span;
  whole: Span;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const SPACE = 0x20;
const NEAR_BYTES = 256;
const MARK = Buffer.from("\ufeff");

/**
 * The value that the bytes hold, behind the blanks and the byte order mark in front. Everything here wants bytes that JSON.parse has
 * accepted and finds in them what it found; nothing is decoded but what is asked for, and nothing recurses.
 */
export function documentAt(bytes: Buffer): Span {
  const hasMark = bytes.subarray(0, MARK.length).equals(MARK);
  return { start: pastBlanks(bytes, hasMark ? MARK.length : 0), end: bytes.length };
}

/** The members of an object in their order, also those of the same name; none of what is no object. */
export function* membersOf(bytes: Buffer, { start }: Span): Generator<Member> {
  if (bytes[start] !== OBJECT) return;
  let at = pastBlanks(bytes, start + 1);
  while (bytes[at] === QUOTE) {
    const key = { start: at, end: stringEnd(bytes, at) };
    const colon = pastBlanks(bytes, key.end);
    const start = pastBlanks(bytes, bytes[colon] === COLON ? colon + 1 : colon);
    const value = { start, end: valueEnd(bytes, start) };
    yield { key: textAt(bytes, key) ?? "", value, whole: { start: at, end: value.end } };
    at = pastComma(bytes, value.end);
  }
}

export function isList(bytes: Buffer, { start }: Span): boolean {
  return bytes[start] === ARRAY;
}

/** The items of a list; none of what is no list. */
export function* itemsOf(bytes: Buffer, { start }: Span): Generator<Span> {
  if (bytes[start] !== ARRAY) return;
  let at = pastBlanks(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== ARRAY_END) {
    const value = { start: at, end: valueEnd(bytes, at) };
    yield value;
    at = pastComma(bytes, value.end);
  }
}

/** The value of a key; of several of the same name the last, as for JSON.parse. */
export function memberAt(bytes: Buffer, object: Span, key: string): Span | undefined {
  let found: Span | undefined;
  for (const member of membersOf(bytes, object)) if (member.key === key) found = member.value;
  return found;
}

/** The `type` of an object; empty when it has none. */
export function typeAt(bytes: Buffer, object: Span): string {
  const type = memberAt(bytes, object, "type");
  return (type && textAt(bytes, type)) ?? "";
}

/** What a string says, decoded; undefined for what is no string. */
export function textAt(bytes: Buffer, { start, end }: Span): string | undefined {
  if (bytes[start] !== QUOTE) return undefined;
  const written = bytes.toString("utf8", start, end);
  return written.includes("\\") ? String(JSON.parse(written)) : written.slice(1, -1);
}

function valueEnd(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return stringEnd(bytes, start);
  if (first !== OBJECT && first !== ARRAY) return scalarEnd(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OBJECT || byte === ARRAY) depth += 1;
    else if (byte === OBJECT_END || byte === ARRAY_END) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return bytes.length;
}

/** Behind the quote that ends a string. In a long one the next quote is looked for, which is faster where they are rare. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length) {
    const near = Math.min(at + NEAR_BYTES, bytes.length);
    while (at < near && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    if (at < near) return at + 1;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) break;
    if (!isEscaped(bytes, at, quote)) return quote + 1;
    at = quote + 1;
  }
  return bytes.length;
}

/** True behind an odd number of backslashes; what stands at `from` is no escaped character. */
function isEscaped(bytes: Buffer, from: number, at: number): boolean {
  let first = at;
  while (first > from && bytes[first - 1] === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function scalarEnd(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && !endsScalar(bytes[at])) at += 1;
  return at;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === COMMA || byte === OBJECT_END || byte === ARRAY_END || isBlank(byte);
}

function pastComma(bytes: Buffer, from: number): number {
  const at = pastBlanks(bytes, from);
  return bytes[at] === COMMA ? pastBlanks(bytes, at + 1) : at;
}

function pastBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

/** The four blanks of JSON are the only bytes up to the space that stand outside of its strings. */
function isBlank(byte: number | undefined): boolean {
  return byte !== undefined && byte <= SPACE;
}
