import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { isSystemError } from "../../../disk/errno.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { compareKnowledge, type DifferentFile } from "./compare-knowledge.ts";
import type { FolderWatches } from "./folder-watches.ts";
import type { IndexDatabase } from "../database/index-database.ts";
import type { JobQueue } from "./job-queue.ts";
import type { KnowledgeWriter } from "../documents/knowledge-writer.ts";
import type { FileName, FromWriter } from "../messages.ts";
import { watchSessions } from "./watch-sessions.ts";

interface FinderParts {
  root: string;
  database: IndexDatabase<KnowledgeWriter>;
  watches: FolderWatches;
  queue: JobQueue;
  say: (message: FromWriter) => void;
  /** Called when there is something to do. */
  wake: () => void;
  /** Called when the database cannot be read. */
  fail: (error: unknown) => void;
}

/**
 * Finds what of the knowledge is not on disk as it is in the index, and puts it into the queue. A workspace is ready when
 * it was compared and nothing of it waits, or little that was said to be found. Reads the index but for that mark.
 */
export class Finder {
  readonly #parts: FinderParts;
  readonly #ready = new Set<string>();
  /** Compared as a whole since the database was opened. */
  readonly #compared = new Set<string>();
  #workspaceIds: readonly string[] = [];
  /** A comparison could not be made, because the database was closed. */
  #isMissed = false;
  #comparisons = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: FinderParts) {
    this.#parts = parts;
  }

  /** Whether it compares, or has to. */
  get isBusy(): boolean {
    return this.#comparisons > 0 || this.#isMissed;
  }

  /** Another database is open: what is known of it is in it. */
  begin(): void {
    this.#compared.clear();
    this.#ready.clear();
    for (const workspaceId of this.#parts.database.writer?.rows.ready() ?? []) this.#ready.add(workspaceId);
    this.#isMissed = true;
  }

  /** The database is open: makes up for what was missed. */
  resume(): void {
    if (this.#isMissed) this.walk();
  }

  /** Compares all workspaces, those that the index knows too, and watches their folders and the one they are in. */
  walk(workspaceIds = this.#workspaceIds): void {
    this.#workspaceIds = workspaceIds;
    this.#isMissed = false;
    const { watches, say } = this.#parts;
    watches.add(LAYOUT.workspaces);
    for (const workspaceId of this.#known()) this.walkOne(workspaceId);
    this.#inTurn(async () => say({ type: "walked", isWatched: watches.refused === undefined }));
  }

  /** A workspace that nobody has heard of before. */
  addWorkspace(workspaceId: string): void {
    if (this.#workspaceIds.includes(workspaceId)) return;
    this.#workspaceIds = [...this.#workspaceIds, workspaceId];
    this.walkOne(workspaceId);
  }

  /** Whether there is such a workspace, or was. */
  knows(workspaceId: string): boolean {
    return this.#known().has(workspaceId);
  }

  /** Compares a workspace and watches its folders. */
  walkOne(workspaceId: string): void {
    this.#inTurn(() => this.#walkOne(workspaceId));
  }

  /** Compares the files whose paths begin with `above`, which ends with `/`; "" is everything. */
  compare(workspaceId: string, above: string): void {
    this.#inTurn(() => this.#compare(workspaceId, above));
  }

  /** Looks at one file; its path is canonical. */
  look(file: FileName): void {
    this.#inTurn(async () => {
      const isChanged = this.#parts.database.writer?.differs(file) ?? false;
      if (isChanged) this.#note(file.workspaceId, [{ ...file, timeMs: Date.now() }]);
    });
  }

  /** Says which workspaces have become ready. Call it when everything that was done is committed. */
  settle(): void {
    const { database, queue, say } = this.#parts;
    for (const workspaceId of this.#compared) {
      if (this.#ready.has(workspaceId) || queue.filesOf(workspaceId) > 0) continue;
      database.write().rows.setReady(workspaceId, { isReady: true });
      database.commit();
      this.#ready.add(workspaceId);
      say({ type: "ready", workspaceId, isReady: true });
    }
  }

  /** All workspaces, those too that only the index knows. */
  #known(): ReadonlySet<string> {
    return new Set([...this.#workspaceIds, ...(this.#parts.database.writer?.common.workspaces ?? [])]);
  }

  async #walkOne(workspaceId: string): Promise<void> {
    const { root, watches, say } = this.#parts;
    watches.add(`${LAYOUT.workspaces}/${workspaceId}`);
    say({ type: "watched", workspaceId, isWatched: watchSessions(root, watches, workspaceId) });
    await this.#compare(workspaceId, "");
  }

  async #compare(workspaceId: string, above: string): Promise<void> {
    const { root, database, watches } = this.#parts;
    const stamps = database.writer?.rows.stamps(workspaceId);
    if (stamps === undefined) {
      this.#isMissed = true;
      return;
    }
    try {
      const entering = (folder: string) => void watches.add(folder);
      const { files, isMissing } = await compareKnowledge({ root, entering }, { workspaceId, above, stamps });
      this.#note(workspaceId, files);
      if (isMissing) this.#unheld(workspaceId);
      else if (above === "") this.#compared.add(workspaceId);
    } catch (error) {
      if (!(error instanceof AppError) && !isSystemError(error)) throw error;
      this.#unheld(workspaceId);
    }
    this.#parts.wake();
  }

  #note(workspaceId: string, found: readonly DifferentFile[]): void {
    const { queue, say, wake } = this.#parts;
    const waiting = found.length + queue.filesOf(workspaceId);
    if (this.#ready.has(workspaceId) && waiting > LIMITS.index.waitingFiles) this.#unready(workspaceId);
    if (this.#ready.has(workspaceId) && found.length > 0) say({ type: "found", files: found });
    for (const { timeMs, ...file } of found)
      queue.add({
        type: "file",
        file,
        timeMs,
        own: 0,
        isUrgent: found.length <= LIMITS.index.urgentDocuments,
        sinceMs: performance.now(),
      });
    wake();
  }

  /** A workspace whose folders are missing or cannot be entered: whoever searches it looks there himself. */
  #unheld(workspaceId: string): void {
    this.#compared.delete(workspaceId);
    if (this.#ready.has(workspaceId)) this.#unready(workspaceId);
  }

  #unready(workspaceId: string): void {
    const { database, say } = this.#parts;
    this.#ready.delete(workspaceId);
    say({ type: "ready", workspaceId, isReady: false });
    database.write().rows.setReady(workspaceId, { isReady: false });
  }

  /** One comparison after the other. */
  #inTurn(work: () => Promise<void>): void {
    this.#comparisons += 1;
    this.#last = this.#after(this.#last, work);
  }

  async #after(earlier: Promise<void>, work: () => Promise<void>): Promise<void> {
    await earlier;
    try {
      await work();
    } catch (error) {
      this.#parts.fail(error);
    } finally {
      this.#comparisons -= 1;
      this.#parts.wake();
    }
  }
}
