import { LIMITS } from "../../contract/limits.ts";
import { presented } from "../../contract/secrets.ts";

/** What the entries of one answer may take: a cursor, a note and brackets go around them. */
const ENTRIES_BYTES = LIMITS.answer.defaultBytes - 2 * LIMITS.answer.cursorBytes;

/** Entries of one answer, bounded in number and in bytes: those of their JSON, as readers are shown it. The first one always fits. */
export class Fitting<Entry> {
  readonly entries: Entry[] = [];
  readonly #limit: number;
  readonly #bytes: number;
  #usedBytes = 0;

  constructor(limit: number, bytes: number = ENTRIES_BYTES) {
    this.#limit = limit;
    this.#bytes = bytes;
  }

  /** False when the answer is full: the entry is for the next one. */
  add(entry: Entry): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(presented(entry))) + 1;
    const fits = this.entries.length === 0 || this.#usedBytes + bytes <= this.#bytes;
    if (this.entries.length >= this.#limit || !fits) return false;
    this.#usedBytes += bytes;
    this.entries.push(entry);
    return true;
  }
}

/** The first entries, as many as fit into one answer, at most `limit`. */
export function takeFitting<Entry>(entries: Iterable<Entry>, limit: number, bytes?: number): Entry[] {
  const fitting = new Fitting<Entry>(limit, bytes);
  for (const entry of entries) if (!fitting.add(entry)) break;
  return fitting.entries;
}
