import type { Span } from "./json-spans.ts";

/** Other bytes for a place. */
export interface Edit extends Span {
  bytes: Buffer;
}

/** An edit that puts a string of JSON there. */
export function stringEdit(span: Span, text: string): Edit {
  return { ...span, bytes: Buffer.from(JSON.stringify(text)) };
}

/** The bytes with all edits made, which must not overlap; the very same Buffer when there are none. */
export function applied(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes;
  const parts: Buffer[] = [];
  let at = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    parts.push(bytes.subarray(at, edit.start), edit.bytes);
    at = edit.end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}
