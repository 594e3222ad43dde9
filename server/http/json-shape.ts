import { LIMITS } from "../../contract/limits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Why a JSON text is refused unparsed, or undefined. Deep or wide JSON parses quickly but costs validators dearly, so
 * nesting and elements (array entries and object members) are counted on the bytes. Says nothing about validity.
 */
export function jsonShapeFault(bytes: Uint8Array): string | undefined {
  let depth = 0;
  let elements = 0;
  let justOpened = false;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position] ?? 0;
    if (byte <= 0x20) continue;
    const closes = byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
    if (byte === COMMA || (justOpened && !closes)) elements++;
    if (elements > LIMITS.json.elements) return `it has more than ${LIMITS.json.elements} elements`;
    justOpened = byte === OPEN_ARRAY || byte === OPEN_OBJECT;
    if (justOpened && ++depth > LIMITS.json.depth) return `it is nested deeper than ${LIMITS.json.depth}`;
    if (closes) depth--;
    if (byte === QUOTE) position = endOfString(bytes, position);
  }
  return undefined;
}

/** Position of the quote that ends the string beginning at `start`, or of the last byte. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let position = start + 1; position < bytes.length; position++) {
    if (bytes[position] === BACKSLASH) position++;
    else if (bytes[position] === QUOTE) return position;
  }
  return bytes.length;
}
