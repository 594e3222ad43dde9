/**
 * Finds where any of many short literals stands, in one pass: an automaton after Aho and Corasick as one table, so that
 * a byte costs two look-ups however many literals there are. Letters count the same in upper and lower case. Literals
 * are ASCII and hold no line end, so none is found across lines.
 */
export class Scanner {
  /** Which column of the table a byte belongs to; 0 for all that no literal holds. */
  readonly #columnOf = new Uint8Array(256);
  readonly #columns: number;
  /** The next row, times `#columns`; below zero, and inverted, when a literal ends there. */
  readonly #next: Int32Array;
  /** Numbers of the literals that end at a row. */
  readonly #found: readonly (readonly number[])[];

  constructor(literals: readonly string[]) {
    const folded = literals.map((literal) => literal.toLowerCase());
    this.#columns = fillColumns(this.#columnOf, folded);
    const rows = rowsOf(folded);
    this.#found = rows.map(({ found }) => found);
    this.#next = this.#tableOf(rows);
  }

  /** Where the first literal at or after `from` ends; -1 when there is none. */
  firstIn(bytes: Uint8Array, from: number): number {
    const [next, columnOf] = [this.#next, this.#columnOf];
    let row = 0;
    for (let at = from; at < bytes.length; at += 1) {
      row = next[row + (columnOf[bytes[at] ?? 0] ?? 0)] ?? 0;
      if (row < 0) return at + 1;
    }
    return -1;
  }

  /** Tells every literal by its number and the place after its end, in the order of the ends. */
  eachIn(text: string, tell: (literal: number, end: number) => void): void {
    const [next, columnOf] = [this.#next, this.#columnOf];
    let row = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      row = next[row + (code < 256 ? (columnOf[code] ?? 0) : 0)] ?? 0;
      if (row >= 0) continue;
      row = ~row;
      for (const literal of this.#found[row / this.#columns] ?? []) tell(literal, at + 1);
    }
  }

  /** A row takes over what it lacks from the row of its longest end that begins a literal too, which stands before it. */
  #tableOf(rows: readonly Row[]): Int32Array {
    const table = new Int32Array(rows.length * this.#columns);
    const target = (row: number): number => {
      const at = row * this.#columns;
      return (rows[row]?.found.length ?? 0) > 0 ? ~at : at;
    };
    rows.forEach(({ next, shorter }, row) => {
      const [own, taken] = [row * this.#columns, shorter * this.#columns];
      if (row > 0) table.copyWithin(own, taken, taken + this.#columns);
      for (const [char, child] of next)
        for (const code of spellings(char)) table[own + (this.#columnOf[code] ?? 0)] = target(child);
    });
    return table;
  }
}

interface Row {
  next: Map<string, number>;
  found: number[];
  /** The row of the longest proper end of what led here. */
  shorter: number;
}

/** The trie of the literals, nearer rows first. */
function rowsOf(literals: readonly string[]): Row[] {
  const rows: Row[] = [newRow(0)];
  let level = literals.map((literal, number) => ({ literal, number, row: 0 }));
  for (let depth = 0; level.length > 0; depth += 1) {
    for (const entry of level) entry.row = childOf(rows, entry.row, entry.literal.charAt(depth));
    for (const { literal, number, row } of level)
      if (literal.length === depth + 1) rows[row]?.found.push(number);
    level = level.filter(({ literal }) => literal.length > depth + 1);
  }
  // Only now has every row all literals of its own; a shorter end stands before a longer one.
  for (const row of rows) if (row.shorter > 0) row.found.push(...(rows[row.shorter]?.found ?? []));
  return rows;
}

function childOf(rows: Row[], parent: number, char: string): number {
  const from = rows[parent];
  const known = from?.next.get(char);
  if (from === undefined || known !== undefined) return known ?? 0;
  rows.push(newRow(parent === 0 ? 0 : follow(rows, from.shorter, char)));
  from.next.set(char, rows.length - 1);
  return rows.length - 1;
}

/** Where a character leads from a row that may not have it. All rows nearer than the one asked for are made already. */
function follow(rows: readonly Row[], start: number, char: string): number {
  for (let row = start; ; row = rows[row]?.shorter ?? 0) {
    const child = rows[row]?.next.get(char);
    if (child !== undefined) return child;
    if (row === 0) return 0;
  }
}

function newRow(shorter: number): Row {
  return { next: new Map(), found: [], shorter };
}

/** How many columns there are. */
function fillColumns(columnOf: Uint8Array, literals: readonly string[]): number {
  const chars = [...new Set(literals.join(""))];
  chars.forEach((char, index) => {
    for (const code of spellings(char)) columnOf[code] = index + 1;
  });
  return chars.length + 1;
}

function spellings(char: string): number[] {
  return [char.charCodeAt(0), char.toUpperCase().charCodeAt(0)];
}
