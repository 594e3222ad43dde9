import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "../storage/layout.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { factsAgain, stampOf, verified } from "./check.ts";
import { MonthFolders, type MonthFolder } from "./month-folders.ts";
import { readMonth } from "./month.ts";
import { isAlias, type StoredSession } from "./session.ts";
import { monthOf, WorkspaceSessions, type MonthSessions } from "./workspace-sessions.ts";

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
  readonly #months = new Map<string, MonthFolders>();
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

  /** The sessions as they were seen last, with what was published since; undefined when nobody has looked yet. */
  known(workspaceId: string): WorkspaceSessions | undefined {
    return this.#refreshing.has(workspaceId) ? undefined : this.#workspaces.get(workspaceId);
  }

  /** Makes a session visible: `move` renames its files, complete and durable, into `month`, the folder of their month, and syncs that. */
  async publish(session: StoredSession, month: Folder, move: () => Promise<void>): Promise<void> {
    await this.#locks.run(session.workspaceId, async () => {
      const before = (await month.stats()).mtimeNs;
      await move();
      const sessions = this.#workspaces.get(session.workspaceId);
      if (sessions === undefined) return;
      // Our own change needs no second look; anybody else's does.
      const undisturbed = sessions.month(monthOf(session))?.modified === before;
      sessions.put(session, undisturbed ? (await month.stats()).mtimeNs : UNSEEN);
    });
  }

  /**
   * Reads a session's bytes again, because they turned out wrong or are about to be relied on. What does not fit them
   * is corrected; when they are lost, the session counts as damaged from now on, unless only `whole` ones are asked for.
   */
  async recheck(
    session: StoredSession,
    { which }: { which: "all" | "whole" } = { which: "all" },
  ): Promise<void> {
    const seen = await verified(this.#root, session);
    if (seen !== undefined && seen.damaged === undefined) return;
    await this.#locks.run(session.workspaceId, async () => {
      const sessions = this.#workspaces.get(session.workspaceId);
      const month = sessions?.month(monthOf(session));
      // It grew or was replaced meanwhile.
      if (month?.sessions.get(session.place.base)?.facts.sha256 !== session.facts.sha256) return;
      const fresh = isAlias(session) ? seen : await this.#factsAgain(session);
      if (fresh === undefined) month.modified = UNSEEN;
      else if (which === "all" || fresh.damaged === undefined) sessions?.put(fresh, month.modified);
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

  async #refresh(workspaceId: string): Promise<WorkspaceSessions> {
    const sessions = this.#workspaces.get(workspaceId) ?? new WorkspaceSessions();
    this.#workspaces.set(workspaceId, sessions);
    const folder = await unlessMissing(enterWorkspace(this.#root, workspaceId, LAYOUT.sessions));
    const seen = new Set<string>();
    if (folder !== undefined) {
      await using top = folder;
      for (const month of await this.#monthFolders(workspaceId).look(top)) {
        seen.add(month.folders.join("/"));
        await this.#refreshMonth({ ...month, workspaceId, sessions, top });
      }
    }
    sessions.keepMonths(seen);
    return sessions;
  }

  #monthFolders(workspaceId: string): MonthFolders {
    const known = this.#months.get(workspaceId) ?? new MonthFolders();
    this.#months.set(workspaceId, known);
    return known;
  }

  async #refreshMonth({ workspaceId, sessions, top, folders, modified }: MonthToRefresh): Promise<void> {
    const key = folders.join("/");
    const known = sessions.month(key);
    if (known?.modified === modified && !(await this.#anyRepaired(known))) return;
    await using folder = await top.enter(...folders);
    const month = { root: this.#root, guard: this.#guard, workspaceId, folders, folder };
    const read = await readMonth(month, known?.sessions ?? new Map<string, StoredSession>());
    // Facts made anew change the folder; what changed before that was seen, so this is the state that was read.
    const damaged = new Map([...read].filter(([, session]) => session.damaged !== undefined));
    sessions.setMonth(key, { modified, sessions: read, damaged });
  }

  /** Writing into a file does not change its folder. */
  async #anyRepaired({ damaged }: MonthSessions): Promise<boolean> {
    for (const session of damaged.values())
      if ((await stampOf(this.#root, session)) !== session.damaged) return true;
    return false;
  }
}

interface MonthToRefresh extends MonthFolder {
  workspaceId: string;
  sessions: WorkspaceSessions;
  /** `sessions/`. */
  top: Folder;
}
