import { DatabaseSync } from "node:sqlite";
import type { IndexStatus } from "../../contract/wire.ts";
import { isSqlite, removeDatabase, isOfOurVersion } from "./database/open-database.ts";
import { makeIndexFolder, statsOf } from "./database/folder.ts";
import { INDEX_KINDS, indexFile, type IndexKind } from "./database/places.ts";
import { NO_REPORT, reportOf, type Report } from "./database/report.ts";
import { statusOf } from "./status.ts";

/** The search index while no server runs, for commands that hold the lock of MEMORY_ROOT. */
export class OfflineIndex {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Changes nothing. What cannot be read counts as empty: the next start builds it anew. */
  async status(): Promise<IndexStatus> {
    return statusOf({
      state: "stopped",
      knowledge: this.#report("knowledge"),
      sessions: this.#report("sessions"),
      pending: { knowledge: 0, sessions: 0 },
      watching: { folders: 0, complete: false },
    });
  }

  /** The next start builds it anew. */
  rebuild(): void {
    makeIndexFolder(this.#root);
    for (const kind of INDEX_KINDS) removeDatabase(indexFile(this.#root, kind));
  }

  #report(kind: IndexKind): Report {
    const path = indexFile(this.#root, kind);
    const bytes = statsOf(path)?.size ?? 0;
    if (bytes === 0) return { ...NO_REPORT, bytes };
    try {
      using database = new DatabaseSync(path, { readOnly: true });
      const isOurs = isOfOurVersion(database, kind);
      return { ...(isOurs ? reportOf(database, kind) : NO_REPORT), bytes };
    } catch (error) {
      if (isSqlite(error)) return { ...NO_REPORT, bytes };
      throw error;
    }
  }
}
