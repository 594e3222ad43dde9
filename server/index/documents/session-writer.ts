import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../../contract/errors.ts";
import type { Archive } from "../../sessions/session.ts";
import { archiveParts, NOTHING_READ, progressIn, type Progress } from "./archive-parts.ts";
import { CommonRows } from "../database/common-rows.ts";
import { faultOf } from "./fault.ts";
import { GramCollector } from "../text/grams.ts";
import { isHeld } from "../is-held.ts";
import type { SessionName } from "../messages.ts";
import type { Outcome } from "./outcome.ts";
import type { Passage } from "./passages.ts";
import { SessionRows, type ArchiveRow } from "./session-rows.ts";
import { TextTables } from "./text-tables.ts";

/** In the place of the digest: not all of the archive is indexed. */
const INCOMPLETE = "";

/**
 * Brings archives of sessions into the index, or out of it. Whoever calls decides what is one transaction; it throws
 * what SQLite throws, and then the transaction is void.
 */
export class SessionWriter {
  readonly common: CommonRows;
  readonly rows: SessionRows;
  readonly #root: string;
  readonly #texts: TextTables;
  readonly #grams = new GramCollector();

  constructor(database: DatabaseSync, root: string) {
    this.#root = root;
    this.common = new CommonRows(database);
    this.rows = new SessionRows(database, this.common);
    this.#texts = new TextTables(database);
  }

  /**
   * Makes the index hold an archive as it is now; of one that grew only its last chunk and what follows are read. Where
   * it yields, the transaction may be committed: what could be found in an archive that only grew can be found then
   * too, and after a crash the same call completes it.
   */
  async *put(archive: Archive): AsyncGenerator<void, Outcome> {
    const known = this.rows.get(archive);
    if (known !== undefined && isHeld(known, archive)) return { state: "held", id: known.id };
    try {
      return yield* this.#read(archive, known);
    } catch (error) {
      const fault = faultOf(error);
      return fault === undefined ? this.remove(archive) : this.refuse(archive, fault);
    }
  }

  /** Takes an archive out of the index and remembers why. */
  refuse(archive: Archive, fault: string): Outcome {
    const id = this.#store(archive, { progress: NOTHING_READ, sha256: archive.sha256, fault });
    this.#removePassages(id, NOTHING_READ);
    return { state: "failed", id, fault };
  }

  remove(session: SessionName): Outcome {
    const known = this.rows.get(session);
    if (known !== undefined) {
      this.#removePassages(known.id, NOTHING_READ);
      this.rows.delete(known.id);
    }
    return { state: "gone" };
  }

  async *#read(archive: Archive, known: ArchiveRow | undefined): AsyncGenerator<void, Outcome> {
    let progress = this.#progress(archive, known);
    const id = this.#store(archive, { progress, sha256: INCOMPLETE });
    this.#removePassages(id, progress);
    for await (const part of archiveParts(this.#root, archive, progress, this.#grams)) {
      for (const passage of part.passages) this.#addPassage(id, passage);
      progress = part.progress;
      yield;
    }
    if (progress.lines !== archive.lines)
      throw new AppError("damaged", "the archive does not hold as many lines as its facts say");
    this.#store(archive, { progress, sha256: archive.sha256 });
    return { state: "held", id };
  }

  /** What of the index may stay. Another file is read as a whole, whatever it has in common with the one before. */
  #progress(archive: Archive, known: ArchiveRow | undefined): Progress {
    const isSame = known?.fault === undefined && known?.place === archive.archive;
    return isSame ? progressIn(this.#root, archive, known.checks) : NOTHING_READ;
  }

  #store(
    archive: Archive,
    { progress, sha256, fault }: { progress: Progress; sha256: string; fault?: string },
  ): number {
    const { startedMs, endedMs } = archive;
    const facts = { ...progress, place: archive.archive, sha256, startedMs, endedMs, fault };
    return this.rows.put(archive, this.rows.get(archive), facts);
  }

  #addPassage(archiveId: number, passage: Passage): void {
    this.#texts.add(this.rows.addPassage(archiveId, passage), passage);
  }

  #removePassages(archiveId: number, after: Progress): void {
    for (const id of this.rows.deletePassages(archiveId, after.lines)) this.#texts.remove(id);
  }
}
