import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry, SessionLines, SessionPage, SessionWritten } from "../../contract/wire.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { unlessUnreadable } from "../storage/unreadable.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { SessionCatalog } from "./catalog.ts";
import { listPage, type SessionFilter } from "./list.ts";
import { pageOf, type PageRange } from "./page.ts";
import { SessionReader } from "./reader.ts";
import { recoverSessions } from "./recover.ts";
import type { SessionView } from "./render.ts";
import {
  entryOf,
  type Archive,
  type SessionBytes,
  type SessionUpload,
  type StoredSession,
} from "./session.ts";
import type { UploadLimits } from "./source.ts";
import { sessionBytes, type StreamOptions } from "./stream.ts";
import { SessionUploads } from "./upload.ts";

/**
 * The session archives of all workspaces: `sessions/YYYY/MM/<start>-<id>.jsonl.gz`, each with its facts beside it.
 * Reads see what is on disk now. Who may call what is decided before; ids of workspaces are taken as they are.
 */
export class SessionStore {
  readonly #root: string;
  readonly #guard: WriteGuard;
  readonly #catalog: SessionCatalog;
  readonly #reader: SessionReader;
  readonly #uploads: SessionUploads;
  /** Sessions that were looked at again because of a search. */
  readonly #suspects = new WeakSet<StoredSession>();
  #changed: (workspaceId: string) => void = () => {};

  /** `limits` are the upload's; tests make them small. */
  constructor(
    root: string,
    guard: WriteGuard,
    now: () => Date = () => new Date(),
    limits: Partial<UploadLimits> = {},
  ) {
    this.#root = root;
    this.#guard = guard;
    this.#catalog = new SessionCatalog(root, guard);
    this.#reader = new SessionReader(root, this.#catalog);
    const allLimits = { ...LIMITS.sessions, ...limits };
    this.#uploads = new SessionUploads({ root, guard, catalog: this.#catalog, now, limits: allLimits });
  }

  /** From now on `changed` is called whenever a session was stored, before that is answered. */
  listen(changed: (workspaceId: string) => void): void {
    this.#changed = changed;
  }

  /**
   * Sessions of these workspaces, newest first. A workspace whose folders cannot be entered is left out, unless it is the
   * only one: then whoever asks is told. Throws `invalid_input` for a bad date or cursor.
   */
  async list(workspaceIds: readonly string[], filter: SessionFilter): Promise<SessionPage> {
    const lists: (readonly StoredSession[])[] = [];
    for (const id of workspaceIds) {
      const reading = this.#catalog.sessions(id);
      const sessions = await (workspaceIds.length === 1 ? reading : unlessUnreadable(reading));
      if (sessions !== undefined) lists.push(sessions.newest());
    }
    return listPage(lists, filter);
  }

  /** `bytes` are those on disk. Nothing for a workspace whose folders cannot be entered. */
  async counts(workspaceId: string): Promise<{ sessions: number; bytes: number; lastActivity?: Date }> {
    const sessions = await unlessUnreadable(this.#catalog.sessions(workspaceId));
    if (sessions === undefined) return { sessions: 0, bytes: 0 };
    let bytes = 0;
    for (const { facts } of sessions.all()) bytes += facts.gzip_bytes;
    const newest = sessions.newest();
    const lastMs = newest.reduce((last, { endedMs }) => Math.max(last, endedMs), 0);
    return { sessions: newest.length, bytes, ...(newest.length > 0 && { lastActivity: new Date(lastMs) }) };
  }

  /** The newest revision. One that is damaged says so, and that none of its bytes are there. */
  async get(workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    const session = await this.#find(workspaceId, sessionId);
    return session && entryOf(session);
  }

  /** Durable when it returns. Throws `too_large`, `invalid_input` and `conflict`; then nothing was stored. */
  async upload(workspaceId: string, upload: SessionUpload): Promise<SessionWritten> {
    const written = await this.#uploads.upload(workspaceId, upload);
    if (written.status !== "unchanged") this.#changed(workspaceId);
    return written;
  }

  /** A page of the newest revision, masked and with invisible characters shown. Throws `not_found` and `damaged`. */
  async page(
    workspaceId: string,
    sessionId: string,
    view: SessionView,
    range: PageRange,
  ): Promise<SessionLines> {
    return pageOf(this.#reader, await this.#require(workspaceId, sessionId), view, range);
  }

  /** The newest revision's bytes. Throws `not_found`. */
  async open(workspaceId: string, sessionId: string, options: StreamOptions): Promise<SessionBytes> {
    return sessionBytes(this.#reader, await this.#require(workspaceId, sessionId), options);
  }

  /**
   * What a search reads, newest first: every archive once, by the session it belongs to, else by an alias. Nothing that
   * cannot be read. The same array as long as nothing changed. `afresh` looks at the disk; without it the answer holds
   * what was seen last and what this server stored since.
   */
  async archives(
    workspaceId: string,
    { afresh }: { afresh: boolean } = { afresh: true },
  ): Promise<readonly Archive[]> {
    const known = afresh ? undefined : this.#catalog.known(workspaceId);
    const sessions = known ?? (await unlessUnreadable(this.#catalog.sessions(workspaceId)));
    return sessions?.archives() ?? [];
  }

  /** The same of archives that are known to be damaged, as they were seen last. */
  async damaged(workspaceId: string): Promise<readonly Archive[]> {
    const reading = this.#catalog.known(workspaceId) ?? unlessUnreadable(this.#catalog.sessions(workspaceId));
    return (await reading)?.damaged() ?? [];
  }

  /**
   * A search could not read this archive: if another whole transcript lies there, that is the session in a while. One that
   * is damaged stays among the archives until somebody reads it: the status of the index names it meanwhile.
   */
  suspect({ workspaceId, sessionId, sha256 }: Archive): void {
    const revisions = this.#catalog.known(workspaceId)?.revisions(sessionId) ?? [];
    const session = revisions.find(({ facts, damaged }) => facts.sha256 === sha256 && damaged === undefined);
    if (session === undefined || this.#suspects.has(session)) return;
    this.#suspects.add(session);
    // Where the disk fails, whoever reads the session is told.
    void this.#catalog.recheck(session, { which: "whole" }).catch(() => undefined);
  }

  /** Call once at start, before any upload. Neither a workspace whose folders cannot be entered nor a failing disk stops the start. */
  async recover(workspaceIds: readonly string[]): Promise<void> {
    await mapBounded(workspaceIds, LIMITS.concurrency.fileReads, async (id) => {
      try {
        await this.#guard.run(() => unlessUnreadable(recoverSessions(this.#root, id)));
      } catch (error) {
        // Nothing is written any more, so nothing is acknowledged that is not durable; reading goes on.
        if (!this.#guard.stopped) throw error;
      }
    });
  }

  async #find(workspaceId: string, sessionId: string): Promise<StoredSession | undefined> {
    const sessions = await this.#catalog.sessions(workspaceId);
    return sessions.revisions(sessionId)[0];
  }

  async #require(workspaceId: string, sessionId: string): Promise<StoredSession> {
    const session = await this.#find(workspaceId, sessionId);
    if (session === undefined)
      throw new AppError("not_found", `No such session: "${sessionId}"`, {
        hint: "list_sessions shows them",
      });
    return session;
  }
}
