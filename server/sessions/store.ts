import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry, SessionLines, SessionPage, SessionWritten } from "../../contract/wire.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { SessionCatalog } from "./catalog.ts";
import { damagedSession } from "./chunks.ts";
import { listPage, type SessionFilter } from "./list.ts";
import { pageOf, type PageRange } from "./page.ts";
import { removeLeftovers } from "./recover.ts";
import type { SessionView } from "./render.ts";
import {
  archiveAt,
  entryOf,
  isAlias,
  segmentsOf,
  type ArchiveRef,
  type ArchiveStream,
  type SessionUpload,
  type StoredSession,
} from "./session.ts";
import type { UploadLimits } from "./source.ts";
import { openStream, type StreamOptions } from "./stream.ts";
import { SessionUploads } from "./upload.ts";

/**
 * The session archives of all workspaces: `sessions/YYYY/MM/<start>-<id>.jsonl.gz`, each with its facts beside it.
 * Reads see what is on disk now. Who may call what is decided before; ids of workspaces are taken as they are.
 */
export class SessionStore {
  readonly #root: string;
  readonly #catalog: SessionCatalog;
  readonly #uploads: SessionUploads;

  /** `limits` are the upload's; tests make them small. */
  constructor(
    root: string,
    guard: WriteGuard,
    now: () => Date = () => new Date(),
    limits: Partial<UploadLimits> = {},
  ) {
    this.#root = root;
    this.#catalog = new SessionCatalog(root, guard);
    const allLimits = { ...LIMITS.sessions, ...limits };
    this.#uploads = new SessionUploads({ root, guard, catalog: this.#catalog, now, limits: allLimits });
  }

  /** Sessions of these workspaces, newest first. Throws `invalid_input` for a bad date or cursor. */
  async list(workspaceIds: readonly string[], filter: SessionFilter): Promise<SessionPage> {
    const sessions: StoredSession[] = [];
    for (const id of workspaceIds) sessions.push(...(await this.#readable(id)));
    return listPage(sessions, filter);
  }

  /** `bytes` are those on disk. */
  async counts(workspaceId: string): Promise<{ sessions: number; bytes: number; lastActivity?: Date }> {
    const sessions = await this.#catalog.sessions(workspaceId);
    let bytes = 0;
    for (const { facts } of sessions.all()) bytes += facts.gzip_bytes;
    const newest = sessions.newest();
    const times = newest.map(({ facts }) => Date.parse(facts.ended) || 0);
    const lastActivity = times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.max(a, b), 0));
    return { sessions: newest.length, bytes, ...(lastActivity !== undefined && { lastActivity }) };
  }

  /** The newest revision. Throws `damaged` when nothing of it can be known. */
  async get(workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    const session = await this.#find(workspaceId, sessionId);
    if (session?.damaged === true) throw damagedSession(sessionId);
    return session === undefined ? undefined : entryOf(session);
  }

  /** Durable when it returns. Throws `too_large`, `invalid_input` and `conflict`; then nothing was stored. */
  async upload(workspaceId: string, upload: SessionUpload): Promise<SessionWritten> {
    return this.#uploads.upload(workspaceId, upload);
  }

  /** A page of the newest revision, masked and with invisible characters shown. Throws `not_found` and `damaged`. */
  async page(
    workspaceId: string,
    sessionId: string,
    view: SessionView,
    range: PageRange,
  ): Promise<SessionLines> {
    return pageOf(this.#root, await this.#require(workspaceId, sessionId), view, range);
  }

  /** The newest revision's bytes. Throws `not_found` and `damaged`. */
  async open(workspaceId: string, sessionId: string, options: StreamOptions): Promise<ArchiveStream> {
    return openStream(this.#root, await this.#require(workspaceId, sessionId), options);
  }

  /** What a search reads, newest first: every archive once, by the session it belongs to, else by an alias. */
  async archives(workspaceId: string): Promise<ArchiveRef[]> {
    const sessions = await this.#readable(workspaceId);
    const own = new Set(sessions.filter((session) => !isAlias(session)).map(({ place }) => archiveAt(place)));
    return sessions
      .filter((session) => !isAlias(session) || !own.has(session.facts.archive))
      .map((session) => ({
        workspaceId,
        entry: entryOf(session),
        segments: segmentsOf(session),
        lines: session.facts.lines,
      }));
  }

  /** Call once at start, before any upload: removes what a crash left behind. */
  async recover(workspaceIds: readonly string[]): Promise<void> {
    for (const id of workspaceIds) await removeLeftovers(this.#root, id);
  }

  async #readable(workspaceId: string): Promise<StoredSession[]> {
    const sessions = await this.#catalog.sessions(workspaceId);
    return sessions.newest().filter(({ damaged }) => !damaged);
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
