import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import { follow } from "../changes/changes-by-hand.ts";
import { Finder } from "../changes/finder.ts";
import { FolderWatches } from "../changes/folder-watches.ts";
import { IndexStore } from "./index-store.ts";
import { JobQueue } from "../changes/job-queue.ts";
import { JobRunner } from "./job-runner.ts";
import type { FromWriter, ToWriter, WriterReport } from "../messages.ts";
import { isDamaged } from "../database/open-database.ts";
import type { IndexKind } from "../database/places.ts";
import { Wake } from "./wake.ts";

interface WriterParts {
  root: string;
  say: (message: FromWriter) => void;
  /** Holds the number of the archive that is worked on, so that others know it should the thread die of it. */
  cell: Int32Array;
}

/** The only writer of the index: does what it is told and what it finds to be done, until it is closed. For a thread of its own. */
export class IndexWriter {
  readonly #say: (message: FromWriter) => void;
  readonly #store: IndexStore;
  readonly #queue = new JobQueue();
  readonly #watches: FolderWatches;
  readonly #finder: Finder;
  readonly #runner: JobRunner;
  readonly #wake = new Wake();
  /** Databases to be thrown away. */
  readonly #unwanted = new Set<IndexKind>();
  #finderError: unknown;
  #problem: string | undefined;
  #isUntidy = false;
  #isClosing = false;

  constructor({ root, say, cell }: WriterParts) {
    this.#say = say;
    this.#store = new IndexStore(root);
    this.#watches = new FolderWatches({
      root,
      gatherMs: LIMITS.index.gatherMs,
      tell: (happened) => follow({ root, watches: this.#watches, finder: this.#finder, say }, happened),
    });
    this.#finder = new Finder({
      root,
      database: this.#store.knowledge,
      watches: this.#watches,
      queue: this.#queue,
      say,
      wake: () => this.#wake.call(),
      fail: (error) => (this.#finderError = error),
    });
    this.#runner = new JobRunner({
      store: this.#store,
      queue: this.#queue,
      say,
      cell,
      committed: () => this.#finder.settle(),
      isStopped: () => this.#isClosing || this.#unwanted.size > 0,
    });
  }

  async run(): Promise<void> {
    while (!this.#isClosing) {
      const isWell = await this.#round();
      if (isWell && (this.#queue.size > 0 || this.#isUntidy)) await turn();
      else await this.#wake.sleep(isWell ? LIMITS.index.lookMs : LIMITS.index.retryMs);
    }
    this.#watches[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }

  receive(message: ToWriter): void {
    switch (message.type) {
      case "walk":
        this.#watches.forgetRefusal();
        this.#finder.walk(message.workspaceIds);
        break;
      case "rebuild":
        for (const kind of message.kinds) this.#unwanted.add(kind);
        break;
      case "report":
        this.#say({ type: "report", number: message.number, report: this.#report() });
        break;
      case "close":
        this.#isClosing = true;
        break;
      case "file":
        this.#finder.addWorkspace(message.file.workspaceId);
        this.#queue.add({ ...message, timeMs: Date.now(), isUrgent: true, sinceMs: performance.now() });
        break;
      case "archive":
      case "refuse":
      case "forget":
        this.#queue.add(message);
    }
    if (message.type !== "report") this.#wake.call();
  }

  /** One round of work. False when something keeps it from working. */
  async #round(): Promise<boolean> {
    try {
      this.#open();
      this.#store.assertRoom();
      this.#finder.resume();
      await this.#runner.run();
      this.#isUntidy = this.#queue.size === 0 && !this.#finder.isBusy && this.#store.tidy();
      this.#setProblem(undefined);
      return true;
    } catch (error) {
      this.#store.fail(this.#runner.giveBack(), error);
      // What is damaged is made anew at once.
      if (!isDamaged(error)) this.#setProblem(messageOf(error));
      else this.#say({ type: "log", level: "warn", text: "the search index is damaged; it is built anew" });
      return isDamaged(error);
    }
  }

  #open(): void {
    if (this.#finderError !== undefined) this.#store.fail("knowledge", this.#finderError);
    this.#finderError = undefined;
    for (const kind of this.#unwanted) this.#store[kind].discard();
    this.#unwanted.clear();
    for (const kind of this.#store.open()) this.#introduce(kind);
  }

  /** Tells what a database holds that is another than before. */
  #introduce(kind: IndexKind): void {
    if (kind === "sessions") {
      const { common, rows } = this.#store.sessions.write();
      this.#say({ type: kind, generation: common.generation, archives: rows.all() });
    } else {
      const { common, rows } = this.#store.knowledge.write();
      this.#say({ type: kind, generation: common.generation, ready: rows.ready(), failed: rows.failed() });
      this.#finder.begin();
    }
  }

  #setProblem(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const text =
      problem === undefined
        ? "the search index is written again"
        : `the search index is not written: ${problem}`;
    this.#say({ type: "log", level: problem === undefined ? "info" : "warn", text });
  }

  get #isBusy(): boolean {
    const waiting = this.#queue.size + this.#unwanted.size;
    return waiting > 0 || this.#runner.isBusy || this.#finder.isBusy || this.#isUntidy;
  }

  #report(): WriterReport {
    const { knowledge, sessions } = this.#store;
    return {
      isBusy: this.#isBusy,
      problem: this.#problem,
      pending: this.#queue.files,
      oldestPendingMs: this.#queue.oldestFileMs,
      knowledge: knowledge.report(),
      sessions: sessions.report(),
      watching: { folders: this.#watches.folders, complete: this.#watches.refused === undefined },
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
