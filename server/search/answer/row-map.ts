import { LIMITS } from "../../../contract/limits.ts";
import { LINE_FEED } from "../../storage/line-feeds.ts";
import type { FoundLine, TextPassage } from "../scan/job.ts";
import { snippet } from "../words/snippet.ts";
import type { Target } from "../supply/target.ts";

/** Bytes on each side of a match that are looked at for its snippet: more than a snippet can hold. */
const AROUND_BYTES = 4 * LIMITS.search.snippetChars;

/** Text of a document: passages one after the other. */
interface DocumentText<T extends Target> {
  target: T;
  passages: readonly TextPassage[];
  text: Uint8Array;
}

/** Turns a row of several documents' text, as ripgrep counts it, back into a document's line. Ask with ascending rows. */
export class RowMap<T extends Target> {
  readonly #entries: { firstRow: number; passage: TextPassage; target: T; rows: Rows }[] = [];
  #at = 0;

  constructor(texts: readonly DocumentText<T>[]) {
    let row = 1;
    for (const { target, passages, text } of texts) {
      const rows = new Rows(text, row);
      for (const passage of passages) {
        this.#entries.push({ firstRow: row, passage, target, rows });
        row += passage.rows;
      }
    }
  }

  /** The line a row belongs to, with a snippet around the byte of the row. */
  find(row: number, byte: number): { target: T; line: FoundLine } | undefined {
    let entry = this.#entries[this.#at];
    while (entry !== undefined && row >= entry.firstRow + entry.passage.rows) {
      this.#at += 1;
      entry = this.#entries[this.#at];
    }
    if (entry === undefined) return undefined;
    const { passage, firstRow, target, rows } = entry;
    const line = passage.isStepped ? passage.line + row - firstRow : passage.line;
    const { role, timeMs } = passage;
    return { target, line: { line, role, timeMs, snippet: rows.snippetAt(row, byte) } };
  }
}

/** The rows of one text, found by walking forward. */
class Rows {
  readonly #text: Buffer;
  #row: number;
  #start = 0;

  constructor(text: Uint8Array, firstRow: number) {
    this.#text = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
    this.#row = firstRow;
  }

  snippetAt(row: number, byte: number): string {
    for (; this.#row < row; this.#row += 1) this.#start = this.#end() + 1;
    const match = this.#start + byte;
    const from = this.#character(Math.max(this.#start, match - AROUND_BYTES));
    const to = this.#character(Math.min(this.#end(), match + AROUND_BYTES));
    const before = this.#text.toString("utf8", from, match);
    return snippet(before + this.#text.toString("utf8", match, to), before.length);
  }

  #end(): number {
    const end = this.#text.indexOf(LINE_FEED, this.#start);
    return end === -1 ? this.#text.length : end;
  }

  /** The first byte of the character this byte is in. */
  #character(index: number): number {
    let first = index;
    while (((this.#text[first] ?? 0) & 0xc0) === 0x80) first -= 1;
    return first;
  }
}
