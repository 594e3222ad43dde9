import type { BigIntStats } from "node:fs";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { CurrentFile } from "./current-file.ts";
import type { Document } from "./document.ts";
import type { Place } from "./place.ts";

/** A text as it was read, and what its file was when it was opened. */
interface Known {
  document: Document;
  stats: BigIntStats;
}

/** What a text takes besides its bytes, roughly: the path, the digest, what the file was. */
const ENTRY_BYTES = 1024;

/**
 * Small current texts as they were last read, so that reading one again takes two steps on the disk instead of seven. Its
 * file is looked at each time, following no link, and the text counts only while that is the file that was read and
 * neither its bytes nor its links nor its rights were changed since: the system notes the time of all these (ctime).
 */
export class KnownDocuments {
  /** What was asked for longest ago comes first. */
  readonly #known = new Map<string, Known>();
  #bytes = 0;

  /** The current text, unless it is not known or not any more. Throws `forbidden` for a link on the way. */
  async find(place: Place): Promise<Document | undefined> {
    const known = this.#known.get(place.key);
    if (known === undefined) return undefined;
    const stats = await unlessMissing(place.look());
    this.#forget(place.key);
    if (stats === undefined || !isUnchanged(known.stats, stats)) return undefined;
    this.#add(place.key, known);
    return known.document;
  }

  /** Remembers a text if it may. `openedAfter` is a time before its file was opened. */
  keep(place: Place, document: Document, { stats, openedAfter }: KeptFile): void {
    const { bytes } = document;
    if (!isSafe(stats, openedAfter) || bytes.length > LIMITS.knowledge.knownFileBytes) return;
    this.#forget(place.key);
    // A copy: small buffers are parts of a larger one, which would be held whole.
    const own = Buffer.from(Uint8Array.from(bytes).buffer);
    this.#add(place.key, { document: { ...document, bytes: own }, stats });
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= LIMITS.knowledge.knownBytes) return;
      this.#forget(oldest);
    }
  }

  #add(key: string, known: Known): void {
    this.#known.set(key, known);
    this.#bytes += costOf(known);
  }

  #forget(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    this.#bytes -= costOf(known);
  }
}

type KeptFile = Pick<CurrentFile, "stats"> & { openedAfter: Date };

/**
 * Whether every later change will show in the file's ctime. The clock of a file system may tick as seldom as every two
 * seconds: a second change in the same tick would not. And only a file that is linked to a version says when it stops
 * being that version; of others the number follows from what else lies there.
 */
function isSafe(stats: BigIntStats, openedAfter: Date): boolean {
  const isSettled = openedAfter.getTime() - Number(stats.ctimeMs) > LIMITS.knowledge.settledMs;
  return isSettled && stats.nlink > 1n;
}

function isUnchanged(before: BigIntStats, now: BigIntStats): boolean {
  return (
    before.ino === now.ino &&
    before.dev === now.dev &&
    before.size === now.size &&
    before.mtimeNs === now.mtimeNs &&
    before.ctimeNs === now.ctimeNs
  );
}

function costOf({ document }: Known): number {
  return document.bytes.length + ENTRY_BYTES;
}
