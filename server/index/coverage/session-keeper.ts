import { LIMITS } from "../../../contract/limits.ts";
import type { Log } from "../../observe/log.ts";
import type { Archive } from "../../sessions/session.ts";
import { ArchiveOrders } from "./archive-orders.ts";
import { Freshness } from "./freshness.ts";
import { Lull } from "./lull.ts";
import type { HeldArchive, SettledArchive, ToWriter } from "../messages.ts";
import { SessionBook, type SessionCoverage, type SessionView } from "./session-coverage.ts";

/** Where archives are learned of; a workspace's are newest first, and the same array as long as nothing changed. */
export interface SessionSource {
  /** `afresh`: as they are on disk; else as they were seen last, with what this server stored since. */
  archives: (workspaceId: string, look: { afresh: boolean }) => Promise<readonly Archive[]>;
  /** Ids of all workspaces there are now. */
  workspaces: () => readonly string[];
}

interface KeeperParts extends SessionSource {
  log: Log;
  send: (message: ToWriter) => void;
}

/** So few new archives were stored just now. */
const FEW = 16;

/** Keeps the index of the sessions up to date: compares it with the archives there are, and orders what is missing. */
export class SessionKeeper implements Disposable {
  readonly #parts: KeeperParts;
  readonly #book = new SessionBook();
  readonly #freshness = new Freshness();
  readonly #orders: ArchiveOrders;
  /** Views of which everything is ordered. */
  readonly #ordered = new WeakSet<SessionView>();
  /** Workspaces to be compared in the next lull: until then uploads have the processor and the disk for themselves. */
  readonly #changed = new Set<string>();
  readonly #lull = new Lull(() => this.#lookAtChanged(), {
    quietMs: LIMITS.index.lullMs,
    longestMs: LIMITS.index.longestRushMs,
  });
  #isOpen = false;
  #looks = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#orders = new ArchiveOrders(parts.send);
  }

  /** Archives that wait to be indexed. */
  get pending(): number {
    return this.#orders.size;
  }

  get isBusy(): boolean {
    return !this.#isOpen || this.#lull.isAwaited || this.#looks > 0 || this.pending > 0;
  }

  async of(workspaceIds: readonly string[]): Promise<SessionCoverage> {
    const views = await Promise.all(workspaceIds.map((workspaceId) => this.#view(workspaceId)));
    for (const view of views) this.#order(view);
    return this.#book.together(views);
  }

  /** A database is open; nothing has been ordered for it. */
  begin(opened: { generation: string; archives: readonly HeldArchive[] }): void {
    this.#book.begin(opened);
    this.#orders.lose(0);
    this.#isOpen = true;
    this.#lookAtAll();
  }

  /** There is no database any more, perhaps because the thread died while it worked on the archive of this number. */
  end(number = 0): void {
    this.#book.begin(undefined);
    this.#orders.lose(number);
    this.#freshness.clear();
    this.#isOpen = false;
  }

  settle(archives: readonly SettledArchive[]): void {
    this.#book.settle(archives);
    this.#orders.settle(archives);
  }

  setWatched(workspaceId: string, isWatched: boolean): void {
    this.#freshness.setWatched(workspaceId, isWatched);
  }

  /** Something happened in a workspace's folders. */
  touch(workspaceId: string): void {
    this.#freshness.touch(workspaceId);
    this.look(workspaceId);
  }

  /** Compares a workspace in the background, as soon as no more is stored for a moment. */
  look(workspaceId: string): void {
    this.#changed.add(workspaceId);
    this.#lull.ask();
  }

  /** What was to be compared later is not. */
  [Symbol.dispose](): void {
    this.#lull[Symbol.dispose]();
  }

  /** Compares all workspaces, and what could not be indexed is tried again. */
  tryAgain(): void {
    this.#book.forgetFaults();
    this.#lookAtAll();
  }

  #lookAtChanged(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    void this.#lookAtEach(changed);
  }

  /** Those that the index knows too. */
  #lookAtAll(): void {
    const workspaceIds = new Set([...this.#parts.workspaces(), ...this.#book.workspaces]);
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
    const afresh = this.#freshness.mustLook(workspaceId);
    try {
      return this.#book.view(workspaceId, await this.#parts.archives(workspaceId, { afresh }));
    } catch (error) {
      this.#freshness.touch(workspaceId);
      throw error;
    }
  }

  #order(view: SessionView): void {
    if (!this.#isOpen || this.#ordered.has(view)) return;
    this.#ordered.add(view);
    const missing = view.missing.filter((archive) => this.#book.fault(archive) === undefined);
    for (const archive of missing) this.#orders.add(archive, { isUrgent: missing.length <= FEW });
    for (const session of view.gone) this.#orders.forget(session);
    this.#orders.fill();
  }
}
