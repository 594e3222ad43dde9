import type { DatabaseSync, StatementSync } from "node:sqlite";

const ZERO = 0x30;
const COMMA = 0x2c;

/** Row numbers of a full-text table, always ascending. */
export type RowIds = Float64Array;

/** No row matches. */
export const NO_ROWS: RowIds = new Float64Array();

/** Finds rows of one full-text table. */
export class RowFinder {
  readonly #matching: StatementSync;

  constructor(database: DatabaseSync, table: "words" | "grams") {
    // As one text: to make an object of each row would take three times as long, and frequent words have many.
    this.#matching = database.prepare(
      `select group_concat(rowid) as rows from ${table} where ${table} match ?`,
    );
  }

  /** The rows that an FTS5 expression matches. */
  find(expression: string): RowIds {
    const rows = this.#matching.get(expression)?.["rows"];
    return typeof rows === "string" ? parseRows(rows) : NO_ROWS;
  }
}

function parseRows(text: string): RowIds {
  const rows = new Float64Array(countOf(text));
  let [row, index] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== COMMA) {
      row = row * 10 + code - ZERO;
      continue;
    }
    rows[index] = row;
    index += 1;
    row = 0;
  }
  rows[index] = row;
  return rows;
}

function countOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf(","); at !== -1; at = text.indexOf(",", at + 1)) count += 1;
  return count;
}

/** What stands in both lists. */
export function inBoth(a: RowIds, b: RowIds): RowIds {
  const both = new Float64Array(Math.min(a.length, b.length));
  let [count, i, j] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [x = 0, y = 0] = [a[i], b[j]];
    if (x === y) {
      both[count] = x;
      count += 1;
    }
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return both.subarray(0, count);
}

/** What stands in any of the lists, each once. */
export function inAny(lists: readonly RowIds[]): RowIds {
  const [first = NO_ROWS, ...others] = lists;
  return others.reduce(inEither, first);
}

function inEither(a: RowIds, b: RowIds): RowIds {
  const either = new Float64Array(a.length + b.length);
  let [count, i, j] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [x = Infinity, y = Infinity] = [a[i], b[j]];
    either[count] = Math.min(x, y);
    count += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return either.subarray(0, count);
}
