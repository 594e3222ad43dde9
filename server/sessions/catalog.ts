import { lstat } from "node:fs/promises";
import { foldCase } from "../../contract/ids.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "../storage/layout.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { factsAgain, stampOf, verified } from "./check.ts";
import { readMonth } from "./month.ts";
import { archiveAt, isAlias, newestFirst, orderOf, type Place, type StoredSession } from "./session.ts";

/** What is known of one workspace's sessions. Callers only look. */
export class WorkspaceSessions {
  /** By month, then by base name. */
  readonly #months = new Map<string, MonthSessions>();
  #index: Index | undefined;
  #newest: StoredSession[] | undefined;

  /** All revisions of a session, the newest first; none when it does not exist. */
  revisions(sessionId: string): readonly StoredSession[] {
    return this.#indexed().byId.get(sessionId) ?? [];
  }

  /** The newest revision of every session, newest session first. */
  newest(): readonly StoredSession[] {
    this.#newest ??= [...this.#indexed().byId.values()]
      .flatMap(([newest]) => newest ?? [])
      .sort((a, b) => newestFirst(orderOf(a), orderOf(b)));
    return this.#newest;
  }

  /** All revisions of all sessions, in no order. */
  *all(): Generator<StoredSession> {
    for (const revisions of this.#indexed().byId.values()) yield* revisions;
  }

  /** Another id that a file system which ignores case would take for this one. */
  twinOf(sessionId: string): string | undefined {
    const id = this.#indexed().folds.get(foldCase(sessionId));
    return id === sessionId ? undefined : id;
  }

  month(key: string): MonthSessions | undefined {
    return this.#months.get(key);
  }

  setMonth(key: string, month: MonthSessions): void {
    this.#months.set(key, month);
    this.#index = undefined;
    this.#newest = undefined;
  }

  keepMonths(keys: ReadonlySet<string>): void {
    for (const key of this.#months.keys()) {
      if (keys.has(key) || !this.#months.delete(key)) continue;
      this.#index = undefined;
      this.#newest = undefined;
    }
  }

  /** Adds or replaces one session, which leaves its month's folder as of `modified`. */
  put(session: StoredSession, modified: bigint): void {
    const key = monthOf(session);
    const month = this.#months.get(key) ?? { modified, sessions: new Map<string, StoredSession>() };
    month.sessions.set(session.place.base, session);
    month.modified = modified;
    this.#months.set(key, month);
    this.#newest = undefined;
    if (this.#index === undefined) return;
    if (this.#index.orphans.has(session.facts.archive)) this.#index = undefined;
    else addTo(this.#index, session);
  }

  /** Built anew only when a folder changed: many uploads in a row must not each cost as much as there are sessions. */
  #indexed(): Index {
    if (this.#index !== undefined) return this.#index;
    const sessions = [...this.#months.values()].flatMap((month) => Array.from(month.sessions.values()));
    const archives = new Set(
      sessions.filter((session) => !isAlias(session)).map(({ place }) => archiveAt(place)),
    );
    this.#index = { byId: new Map(), folds: new Map(), orphans: new Set() };
    for (const session of sessions) {
      if (archives.has(session.facts.archive)) addTo(this.#index, session);
      else this.#index.orphans.add(session.facts.archive);
    }
    return this.#index;
  }
}

interface MonthSessions {
  /** When the folder was changed last, in nanoseconds; UNSEEN when it has to be read again. */
  modified: bigint;
  sessions: Map<string, StoredSession>;
}

interface Index {
  byId: Map<string, StoredSession[]>;
  folds: Map<string, string>;
  /** Archives that aliases name and that are not there; such aliases do not count. */
  orphans: Set<string>;
}

function addTo(index: Index, session: StoredSession): void {
  const { session_id: id } = session.facts;
  const others = (index.byId.get(id) ?? []).filter(({ place }) => place.base !== session.place.base);
  index.byId.set(
    id,
    [session, ...others].sort((a, b) => b.facts.revision - a.facts.revision),
  );
  index.folds.set(foldCase(id), id);
}

function monthOf({ place }: { place: Place }): string {
  return place.folders.join("/");
}

/** No folder was modified then. */
const UNSEEN = -1n;

/**
 * Every workspace's sessions in memory, without their chunk tables, read from their facts files on first use. Before
 * each use the months' folders are looked at, and archives that were damaged, so what people add, remove or restore by
 * hand shows at once.
 */
export class SessionCatalog {
  readonly #root: string;
  readonly #guard: WriteGuard;
  readonly #workspaces = new Map<string, WorkspaceSessions>();
  readonly #locks = new KeyedMutex();
  readonly #refreshing = new Map<string, Promise<WorkspaceSessions>>();

  constructor(root: string, guard: WriteGuard) {
    this.#root = root;
    this.#guard = guard;
  }

  /** The sessions as they are on disk now. */
  async sessions(workspaceId: string): Promise<WorkspaceSessions> {
    const running = this.#refreshing.get(workspaceId);
    if (running !== undefined) return running;
    const refreshing = this.#locks.run(workspaceId, () => this.#refresh(workspaceId));
    this.#refreshing.set(workspaceId, refreshing);
    try {
      return await refreshing;
    } finally {
      this.#refreshing.delete(workspaceId);
    }
  }

  /** Makes a session visible: `move` renames its files, complete and durable, into the folder of their month, and syncs that. */
  async publish(session: StoredSession, move: () => Promise<void>): Promise<void> {
    await this.#locks.run(session.workspaceId, async () => {
      const before = await this.#modified(session);
      await move();
      const sessions = this.#workspaces.get(session.workspaceId);
      if (sessions === undefined) return;
      // Our own change needs no second look; anybody else's does.
      const undisturbed = sessions.month(monthOf(session))?.modified === before;
      sessions.put(session, undisturbed ? await this.#modified(session) : UNSEEN);
    });
  }

  /**
   * Reads a session's bytes again, because they turned out wrong or are about to be relied on. What does not fit them
   * is corrected; when they are lost, the session counts as damaged from now on.
   */
  async recheck(session: StoredSession): Promise<void> {
    const seen = await verified(this.#root, session);
    if (seen !== undefined && seen.damaged === undefined) return;
    await this.#locks.run(session.workspaceId, async () => {
      const sessions = this.#workspaces.get(session.workspaceId);
      const month = sessions?.month(monthOf(session));
      // It grew or was replaced meanwhile.
      if (month?.sessions.get(session.place.base)?.facts.sha256 !== session.facts.sha256) return;
      const fresh = isAlias(session) ? seen : await this.#factsAgain(session);
      if (fresh === undefined) month.modified = UNSEEN;
      else sessions?.put(fresh, month.modified);
    });
  }

  async #factsAgain({ workspaceId, place, facts }: StoredSession): Promise<StoredSession | undefined> {
    const { folders } = place;
    await using folder = await enterWorkspace(this.#root, workspaceId, LAYOUT.sessions, ...folders);
    return await factsAgain(
      { root: this.#root, guard: this.#guard, workspaceId, folders, folder },
      place,
      facts,
    );
  }

  async #modified({ workspaceId, place }: StoredSession): Promise<bigint> {
    const [year, month] = place.folders;
    await using folder = await enterWorkspace(this.#root, workspaceId, LAYOUT.sessions, year);
    return (await lstat(folder.at(month), { bigint: true })).mtimeNs;
  }

  async #refresh(workspaceId: string): Promise<WorkspaceSessions> {
    const sessions = this.#workspaces.get(workspaceId) ?? new WorkspaceSessions();
    this.#workspaces.set(workspaceId, sessions);
    const folder = await unlessMissing(enterWorkspace(this.#root, workspaceId, LAYOUT.sessions));
    const seen = new Set<string>();
    if (folder !== undefined) {
      await using top = folder;
      for (const year of await foldersOf(top, /^\d{4}$/)) {
        await using months = await top.enter(year);
        for (const month of await foldersOf(months, /^\d{2}$/)) {
          seen.add(`${year}/${month}`);
          await this.#refreshMonth({ workspaceId, sessions, parent: months, folders: [year, month] });
        }
      }
    }
    sessions.keepMonths(seen);
    return sessions;
  }

  async #refreshMonth({ workspaceId, sessions, parent, folders }: MonthToRefresh): Promise<void> {
    const key = folders.join("/");
    const known = sessions.month(key);
    const { mtimeNs } = await lstat(parent.at(folders[1]), { bigint: true });
    if (known?.modified === mtimeNs && !(await this.#anyRepaired(known))) return;
    await using folder = await parent.enter(folders[1]);
    const month = { root: this.#root, guard: this.#guard, workspaceId, folders, folder };
    const read = await readMonth(month, known?.sessions ?? new Map<string, StoredSession>());
    // Facts made anew change the folder; what changed before that was seen, so this is the state that was read.
    sessions.setMonth(key, { modified: mtimeNs, sessions: read });
  }

  /** Writing into a file does not change its folder. */
  async #anyRepaired({ sessions }: MonthSessions): Promise<boolean> {
    for (const session of sessions.values())
      if (session.damaged !== undefined && (await stampOf(this.#root, session)) !== session.damaged)
        return true;
    return false;
  }
}

interface MonthToRefresh {
  workspaceId: string;
  sessions: WorkspaceSessions;
  parent: Folder;
  folders: readonly [string, string];
}

/** Folders with such names; links are none. */
async function foldersOf(folder: Folder, name: RegExp): Promise<string[]> {
  const entries = await folder.entries();
  return entries.filter((entry) => name.test(entry.name) && entry.isDirectory()).map((entry) => entry.name);
}
