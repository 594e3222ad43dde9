import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { IndexStatus } from "../../contract/wire.ts";
import { fold } from "../../server/index/text/fold.ts";
import { gramTerms } from "../../server/index/text/grams.ts";
import { indexFile, type IndexKind } from "../../server/index/database/places.ts";
import { SearchIndex } from "../../server/index/search-index.ts";
import { createLog } from "../../server/observe/log.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { ID, line, upload } from "./session-store.ts";
import { tempFolder } from "./temp-folder.ts";

const OWNER = {
  knowledge:
    "select path as name from grams join file on file.id = grams.rowid where grams match ? order by 1",
  sessions: `select distinct session_id as name from grams join archive on archive.id = grams.rowid >> 20
             where grams match ? order by 1`,
} as const satisfies Record<IndexKind, string>;

export const WS = "laptop-codex-webshop";
export const OTHER = "desktop-codex-webshop";
/** What comes by itself comes within seconds; a busy machine may take longer. */
export const SOON = { timeout: 20_000, interval: 20 };

/** A MEMORY_ROOT with a search index that runs, and a look into what it holds. */
export class IndexLab implements AsyncDisposable {
  readonly root: string;
  readonly log: string[] = [];
  /** For every time that sessions were asked for: whether the disk had to be looked at. */
  readonly looks: boolean[] = [];
  readonly #folder: AsyncDisposable;
  #sessions: SessionStore;
  #index: SearchIndex | undefined;
  #thread: Worker | undefined;

  private constructor(root: string, folder: AsyncDisposable) {
    this.root = root;
    this.#folder = folder;
    this.#sessions = this.#store();
  }

  /** With these workspaces, empty, and an index that is not started yet. */
  static async make(...workspaceIds: string[]): Promise<IndexLab> {
    const folder = await tempFolder();
    for (const id of workspaceIds)
      mkdirSync(join(folder.path, "workspaces", id, "knowledge"), { recursive: true });
    return new IndexLab(folder.path, folder);
  }

  get index(): SearchIndex {
    if (this.#index === undefined) throw new Error("the index is not started");
    return this.#index;
  }

  get sessions(): SessionStore {
    return this.#sessions;
  }

  async start(): Promise<void> {
    this.#sessions = this.#store();
    process.once("worker", (worker) => (this.#thread = worker));
    this.#index = SearchIndex.start({
      root: this.root,
      log: createLog({ write: (line) => void this.log.push(line) }),
      archives: (workspaceId, look) => {
        this.looks.push(look.afresh);
        return this.#sessions.archives(workspaceId, look);
      },
      workspaces: () => (existsSync(this.place()) ? readdirSync(this.place()) : []),
    });
    await this.#index.opened;
    this.#sessions.listen((workspaceId) => this.#index?.sessionsChanged(workspaceId));
  }

  async stop(): Promise<void> {
    await this.#index?.[Symbol.asyncDispose]();
    this.#index = undefined;
  }

  /** Ends the thread that writes the index, as if it had died. */
  async endThread(): Promise<void> {
    if (this.#thread === undefined) throw new Error("the index is not started");
    await this.#thread.terminate();
  }

  /** Waits until nothing waits; what was changed by hand just now may not have been seen yet. */
  async settled(): Promise<IndexStatus> {
    for (;;) {
      const status = await this.index.status();
      if (status.state === "ready") return status;
      await sleep(10);
    }
  }

  /** Paths of the files whose rows may hold this text, as the database says it now; "" is an overview. None without a database. */
  files(text: string): string[] {
    return this.#holding("knowledge", text);
  }

  /** The same of sessions: their ids. */
  archives(text: string): string[] {
    return this.#holding("sessions", text);
  }

  #holding(kind: IndexKind, text: string): string[] {
    try {
      using database = new DatabaseSync(indexFile(this.root, kind), { readOnly: true });
      const query = gramTerms(fold(text)).join(" AND ");
      return database
        .prepare(OWNER[kind])
        .all(query)
        .map(({ name }) => String(name));
    } catch (error) {
      if (error instanceof Error && "errcode" in error) return [];
      throw error;
    }
  }

  /** Changes the index behind its back. */
  tamper(kind: IndexKind, sql: string): void {
    using database = new DatabaseSync(indexFile(this.root, kind), { timeout: 5000 });
    database.exec(sql);
  }

  place(...names: string[]): string {
    return join(this.root, "workspaces", ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#folder[Symbol.asyncDispose]();
  }

  #store(): SessionStore {
    return new SessionStore(this.root, new WriteGuard(this.root));
  }
}

/** A lab whose index holds one file and one session. */
export async function filledLab(): Promise<IndexLab> {
  const lab = await IndexLab.make(WS);
  await writeFile(lab.place(WS, "knowledge/a.md"), "alpha");
  await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
  await lab.start();
  await lab.settled();
  return lab;
}
