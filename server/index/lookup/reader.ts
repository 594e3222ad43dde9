import { lstatSync, type Stats } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import { isSystemError } from "../../../disk/errno.ts";
import { textIn } from "../database/columns.ts";
import { KnowledgeLookup } from "./knowledge.ts";
import { SessionLookup } from "./sessions.ts";
import { isDamaged, isSqlite, isOfOurVersion } from "../database/open-database.ts";
import { indexFile, type IndexKind } from "../database/places.ts";

const KIB = 1024;

/** The index cannot be asked: it is missing, damaged, of another version or busy. Searches go on without it. */
export class NoIndex extends Error {
  override readonly name = "NoIndex";

  /** Whether it has to be built anew. */
  get isDamaged(): boolean {
    return isDamaged(this.cause);
  }
}

/** An answer of the index, with the name of the database it came from: ids mean nothing in another one. */
export interface FromIndex<T> {
  generation: string;
  answer: T;
}

/**
 * One thread's way to look into the index. It opens the databases when they are first asked for, only to read, and again
 * after they were deleted or replaced. It throws NoIndex when it cannot answer.
 */
export class IndexReader implements Disposable {
  readonly #knowledge: ReadDatabase<KnowledgeLookup>;
  readonly #sessions: ReadDatabase<SessionLookup>;

  constructor(root: string) {
    this.#knowledge = new ReadDatabase(root, "knowledge", (database) => new KnowledgeLookup(database));
    this.#sessions = new ReadDatabase(root, "sessions", (database) => new SessionLookup(database));
  }

  /** Takes in what is there, so that the first question need not wait for that. Where there is nothing yet, it does. */
  open(): void {
    for (const database of [this.#knowledge, this.#sessions])
      try {
        database.ask((lookup: KnowledgeLookup | SessionLookup) => lookup.refresh());
      } catch (error) {
        if (!(error instanceof NoIndex)) throw error;
      }
  }

  knowledge<T>(ask: (lookup: KnowledgeLookup) => T): FromIndex<T> {
    return this.#knowledge.ask(ask);
  }

  sessions<T>(ask: (lookup: SessionLookup) => T): FromIndex<T> {
    return this.#sessions.ask(ask);
  }

  [Symbol.dispose](): void {
    this.#knowledge.close();
    this.#sessions.close();
  }
}

interface Opened<Lookup> {
  database: DatabaseSync;
  file: Stats;
  generation: string;
  lookup: Lookup;
}

/** One database of the index, open for reading as long as nothing is wrong with it. */
class ReadDatabase<Lookup> {
  readonly #kind: IndexKind;
  readonly #path: string;
  readonly #lookupIn: (database: DatabaseSync) => Lookup;
  #opened: Opened<Lookup> | undefined;

  constructor(root: string, kind: IndexKind, lookupIn: (database: DatabaseSync) => Lookup) {
    this.#kind = kind;
    this.#path = indexFile(root, kind);
    this.#lookupIn = lookupIn;
  }

  /** Asks in one transaction, so that everything fits together. */
  ask<T>(ask: (lookup: Lookup) => T): FromIndex<T> {
    try {
      const { database, generation, lookup } = this.#current();
      database.exec("begin");
      const answer = ask(lookup);
      database.exec("commit");
      return { generation, answer };
    } catch (error) {
      this.close();
      throw isSqlite(error) || isSystemError(error)
        ? new NoIndex("the index cannot be read", { cause: error })
        : error;
    }
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #current(): Opened<Lookup> {
    const file = lstatSync(this.#path, { throwIfNoEntry: false });
    if (file?.isFile() !== true) throw new NoIndex("there is no index");
    const opened = this.#opened;
    if (opened !== undefined && opened.file.ino === file.ino && opened.file.dev === file.dev) return opened;
    this.close();
    this.#opened = this.#open(file);
    return this.#opened;
  }

  #open(file: Stats): Opened<Lookup> {
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: LIMITS.index.readBusyMs });
    try {
      database.exec(`pragma cache_size = -${LIMITS.index.readCacheBytes / KIB}`);
      if (!isOfOurVersion(database, this.#kind)) throw new NoIndex("the index is of another version");
      const about = database.prepare("select generation from about").get();
      return {
        database,
        file,
        generation: textIn(about ?? {}, "generation"),
        lookup: this.#lookupIn(database),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  }
}
