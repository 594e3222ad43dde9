import { LIMITS } from "../../contract/limits.ts";

/** Hits of one answer, bounded in number and in bytes. The first one always fits. */
export class Page<Hit> {
  readonly hits: Hit[] = [];
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the page is full: the hit is for the next one. */
  add(hit: Hit): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(hit)) + 1;
    if (this.hits.length >= this.#limit) return false;
    if (this.hits.length > 0 && this.#bytes + bytes > ROOM_BYTES) return false;
    this.#bytes += bytes;
    this.hits.push(hit);
    return true;
  }
}

/** Cursor, note and brackets go around the hits. */
const AROUND_BYTES = 2 * LIMITS.answer.cursorBytes;
const ROOM_BYTES = LIMITS.answer.defaultBytes - AROUND_BYTES;

/** What an answer leaves out, in one sentence; undefined when nothing. */
export function leftOut(what: string, { missed, unreadable }: { missed: number; unreadable: number }, more: string): string | undefined {
  const notes: string[] = [];
  if (missed > 0) notes.push(`The time was over before ${counted(missed, what)} could be searched; ${more}.`);
  if (unreadable > 0) notes.push(`${counted(unreadable, what)} could not be read.`);
  return notes.length === 0 ? undefined : notes.join(" ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
