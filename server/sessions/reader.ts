import { AppError } from "../../contract/errors.ts";
import type { SessionCatalog } from "./catalog.ts";
import type { ChunkRange, RawChunk } from "./chunks.ts";
import { sessionChunks } from "./read.ts";
import type { StoredSession } from "./session.ts";

/** Reads sessions' bytes and tells the catalogue about those that are damaged, so that nobody is promised them again. */
export class SessionReader {
  readonly root: string;
  readonly #catalog: SessionCatalog;

  constructor(root: string, catalog: SessionCatalog) {
    this.root = root;
    this.#catalog = catalog;
  }

  /** As `sessionChunks`. */
  async *chunks(session: StoredSession, range: ChunkRange = {}): AsyncGenerator<RawChunk, void, undefined> {
    try {
      yield* sessionChunks(this.root, session, range);
    } catch (error) {
      const isNews = error instanceof AppError && error.code === "damaged" && session.damaged === undefined;
      if (isNews) await this.#catalog.recheck(session);
      throw error;
    }
  }
}
