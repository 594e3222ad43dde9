import { statfsSync } from "node:fs";
import { hasRoom, reserveOf } from "../../storage/write-guard.ts";
import { IndexDatabase } from "../database/index-database.ts";
import { KnowledgeWriter } from "../documents/knowledge-writer.ts";
import { makeIndexFolder } from "../database/folder.ts";
import { indexFolder, type IndexKind } from "../database/places.ts";
import { KNOWLEDGE_SCHEMA, SESSIONS_SCHEMA } from "../database/schema.ts";
import { SessionWriter } from "../documents/session-writer.ts";

const MIB = 1024 * 1024;

/** Both databases of the index, for their only writer. */
export class IndexStore implements Disposable {
  readonly knowledge: IndexDatabase<KnowledgeWriter>;
  readonly sessions: IndexDatabase<SessionWriter>;
  readonly #root: string;
  /** Opened, and nobody has been told yet. */
  readonly #another = new Set<IndexKind>();

  constructor(root: string) {
    this.#root = root;
    this.knowledge = new IndexDatabase({
      root,
      kind: "knowledge",
      schema: KNOWLEDGE_SCHEMA,
      writer: (database) => new KnowledgeWriter(database, root),
    });
    this.sessions = new IndexDatabase({
      root,
      kind: "sessions",
      schema: SESSIONS_SCHEMA,
      writer: (database) => new SessionWriter(database, root),
    });
  }

  /** Opens what is closed, and says which are not the ones that were open before. Throws what SQLite and the disk say. */
  open(): IndexKind[] {
    makeIndexFolder(this.#root);
    for (const database of this.#all) if (database.open()) this.#another.add(database.kind);
    const another = [...this.#another];
    this.#another.clear();
    return another;
  }

  /** Throws when the index's disk has no room besides what is kept free for what people write. Call it when it is open. */
  assertRoom(): void {
    const disk = statfsSync(indexFolder(this.#root));
    if (hasRoom(disk)) return;
    const reserve = Math.ceil(reserveOf(disk) / MIB);
    throw new Error(
      `the disk is full: fewer than ${reserve} MiB are free, which are kept for what people write`,
    );
  }

  /** With how many documents were written. */
  commit(written: Record<IndexKind, number> = { knowledge: 0, sessions: 0 }): void {
    for (const database of this.#all) database.commit(written[database.kind]);
  }

  /** When there is nothing else to do: one step of tidying up. False when all is done. */
  tidy(): boolean {
    return this.#all.some((database) => database.tidy());
  }

  /** Closes both: of a transaction that failed nothing may stay. */
  fail(kind: IndexKind | undefined, error: unknown): void {
    for (const database of this.#all)
      if (kind === undefined || database.kind === kind) database.fail(error);
      else database.close();
  }

  [Symbol.dispose](): void {
    for (const database of this.#all) database.close();
  }

  get #all() {
    return [this.knowledge, this.sessions] as const;
  }
}
