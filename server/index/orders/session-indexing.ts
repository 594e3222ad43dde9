import { LIMITS } from "../../../contract/limits.ts";
import type { Log } from "../../observe/log.ts";
import type { Archive } from "../../sessions/session.ts";
import { ArchiveOrders } from "./archive-orders.ts";
import { WatchedSessions } from "./watched-sessions.ts";
import { Debounce } from "./debounce.ts";
import type { HeldArchive, SettledArchive, ToWriter } from "../messages.ts";
import { HeldSessions, type SessionCoverage, type SessionView } from "../coverage/held-sessions.ts";

/** Where archives are learned of; a workspace's are newest first, and the same array as long as nothing changed. */
export interface SessionSource {
  /** `afresh`: as they are on disk; else as they were seen last, with what this server stored since. */
  archives: (workspaceId: string, look: { afresh: boolean }) => Promise<readonly Archive[]>;
  /** Ids of all workspaces there are now. */
  workspaces: () => readonly string[];
}

interface IndexingParts extends SessionSource {
  log: Log;
  send: (message: ToWriter) => void;
}

/** Keeps the index of the sessions up to date: compares it with the archives there are, and orders what is missing. */
export class SessionIndexing implements Disposable {
  readonly #parts: IndexingParts;
  readonly #held = new HeldSessions();
  readonly #watched = new WatchedSessions();
  readonly #orders: ArchiveOrders;
  /** Views of which everything is ordered. */
  readonly #ordered = new WeakSet<SessionView>();
  /** Workspaces to be compared as soon as nothing is stored for a moment: until then uploads have the processor and the disk for themselves. */
  readonly #changed = new Set<string>();
  readonly #debounce = new Debounce(() => this.#lookAtChanged(), {
    quietMs: LIMITS.index.quietMs,
    longestMs: LIMITS.index.longestWaitMs,
  });
  #isOpen = false;
  #looks = 0;

  constructor(parts: IndexingParts) {
    this.#parts = parts;
    this.#orders = new ArchiveOrders(parts.send);
  }

  /** Archives that wait to be indexed; of a workspace that is still to be compared it is known of one. */
  get pending(): number {
    return this.#orders.size + this.#changed.size;
  }

  /** For how long the one that has waited longest waits, of those that are ordered. */
  get oldestPendingMs(): number | undefined {
    return this.#orders.oldestMs;
  }

  get isBusy(): boolean {
    return !this.#isOpen || this.#debounce.isAwaited || this.#looks > 0 || this.pending > 0;
  }

  async of(workspaceIds: readonly string[]): Promise<SessionCoverage> {
    const views = await Promise.all(workspaceIds.map((workspaceId) => this.#view(workspaceId)));
    for (const view of views) this.#order(view);
    return this.#held.together(views);
  }

  /** A database is open; nothing has been ordered for it. */
  begin(opened: { generation: string; archives: readonly HeldArchive[] }): void {
    this.#held.begin(opened);
    this.#orders.lose(0);
    this.#isOpen = true;
    this.#lookAtAll();
  }

  /** There is no database any more, perhaps because the thread died while it worked on the archive of this number. */
  end(number = 0): void {
    this.#held.begin(undefined);
    this.#orders.lose(number);
    this.#watched.clear();
    this.#isOpen = false;
  }

  settle(archives: readonly SettledArchive[]): void {
    this.#held.settle(archives);
    this.#orders.settle(archives);
  }

  setWatched(workspaceId: string, watch: { isWatched: boolean }): void {
    this.#watched.setWatched(workspaceId, watch);
  }

  /** Something happened in a workspace's folders: what could not be indexed of these sessions, or of all, is tried again. */
  touch(workspaceId: string, sessionIds: readonly string[] | undefined): void {
    this.#watched.touch(workspaceId);
    this.#held.forgetFaults(workspaceId, sessionIds);
    this.look(workspaceId);
  }

  /** Compares a workspace in the background, as soon as no more is stored for a moment. */
  look(workspaceId: string): void {
    this.#changed.add(workspaceId);
    this.#debounce.ask();
  }

  /** What was to be compared later is not. */
  [Symbol.dispose](): void {
    this.#debounce[Symbol.dispose]();
  }

  /** Compares all workspaces, and what could not be indexed is tried again. */
  tryAgain(): void {
    for (const workspaceId of this.#held.workspaces) this.#held.forgetFaults(workspaceId);
    this.#lookAtAll();
  }

  #lookAtChanged(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    void this.#lookAtEach(changed);
  }

  /** Those that the index knows too. */
  #lookAtAll(): void {
    const workspaceIds = new Set([...this.#parts.workspaces(), ...this.#held.workspaces]);
    void this.#lookAtEach(workspaceIds);
  }

  /** One after the other: at the start each has to be read from the disk, while people ask already. */
  async #lookAtEach(workspaceIds: Iterable<string>): Promise<void> {
    this.#looks += 1;
    for (const workspaceId of workspaceIds) await this.#look(workspaceId);
    this.#looks -= 1;
  }

  /** Never throws: whoever searches these sessions is told what is wrong. */
  async #look(workspaceId: string): Promise<void> {
    try {
      this.#order(await this.#view(workspaceId));
    } catch (error) {
      this.#parts.log.warn({ err: error, workspaceId }, "the sessions of a workspace cannot be indexed now");
    }
  }

  async #view(workspaceId: string): Promise<SessionView> {
    const afresh = this.#watched.mustLook(workspaceId);
    try {
      return this.#held.view(workspaceId, await this.#parts.archives(workspaceId, { afresh }));
    } catch (error) {
      this.#watched.touch(workspaceId);
      throw error;
    }
  }

  #order(view: SessionView): void {
    if (!this.#isOpen || this.#ordered.has(view)) return;
    this.#ordered.add(view);
    const missing = view.missing.filter((archive) => this.#held.fault(archive) === undefined);
    for (const archive of missing)
      this.#orders.add(archive, { isUrgent: missing.length <= LIMITS.index.urgentDocuments });
    for (const session of view.gone) this.#orders.forget(session);
    this.#orders.fill();
  }
}
