import type { SQLOutputValue } from "node:sqlite";

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** A column that holds a text. */
export function textIn(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== "string") throw new TypeError(`${name} is no text`);
  return value;
}

/** A column that holds a whole number. */
export function numberIn(row: Row, name: string): number {
  const value = row[name];
  if (typeof value !== "number") throw new TypeError(`${name} is no number`);
  return value;
}

/** A column that holds bytes. */
export function bytesIn(row: Row, name: string): Buffer {
  const value = row[name];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} holds no bytes`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** A column that holds a text or nothing. */
export function textOrNothing(row: Row, name: string): string | undefined {
  return row[name] === null ? undefined : textIn(row, name);
}
