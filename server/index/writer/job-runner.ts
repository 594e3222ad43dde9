import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import type { IndexStore } from "./index-store.ts";
import { keyOf, type Job, type JobQueue } from "../changes/job-queue.ts";
import type { ArchiveOrder, FromWriter, SettledArchive, SettledFile } from "../messages.ts";
import type { Outcome } from "../documents/outcome.ts";
import type { IndexKind } from "../database/places.ts";

interface RunnerParts {
  store: IndexStore;
  queue: JobQueue;
  say: (message: FromWriter) => void;
  /** Holds the number of the archive that is worked on, else 0. */
  cell: Int32Array;
  /** Called when all that was done is committed. */
  committed: () => void;
  /** Whether something else has to be done first: then a long job is put back. */
  isStopped: () => boolean;
}

/** Does the jobs of the queue, several in one transaction, a long one in several, and says what is committed. */
export class JobRunner {
  readonly #parts: RunnerParts;
  /** Begun and not at their end: a long one, and what goes before it. */
  readonly #running: Job[] = [];
  /** At their end, and not committed. */
  #done: Job[] = [];
  #files: SettledFile[] = [];
  #archives: SettledArchive[] = [];
  #since = 0;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Works for about `LIMITS.index.batchMs`, or until a long job is done or put back. Throws what SQLite throws: then call `giveBack`. */
  async run(): Promise<void> {
    this.#since = performance.now();
    do {
      const job = this.#parts.queue.take();
      if (job === undefined) break;
      await this.#do(job);
    } while (!this.#isLong && !this.#parts.isStopped());
    this.#commit();
  }

  /** Puts back what is void because it was not committed, and says which database that was about. */
  giveBack(): IndexKind | undefined {
    const failed = this.#running.at(-1);
    for (const job of [...this.#running, ...this.#done]) this.#parts.queue.giveBack(job);
    [this.#done, this.#files, this.#archives] = [[], [], []];
    this.#running.length = 0;
    if (failed === undefined) return undefined;
    return failed.type === "file" ? "knowledge" : "sessions";
  }

  /** Whether something is taken and not committed. */
  get isBusy(): boolean {
    return this.#running.length + this.#done.length > 0;
  }

  get #isLong(): boolean {
    return performance.now() - this.#since > LIMITS.index.batchMs;
  }

  async #do(job: Job): Promise<void> {
    this.#running.push(job);
    await this.#work(job);
    this.#running.pop();
    this.#done.push(job);
  }

  async #work(job: Job): Promise<void> {
    const { store } = this.#parts;
    switch (job.type) {
      case "file": {
        const { state } = store.knowledge.write().look(job.file);
        this.#files.push({ file: job.file, own: job.own, isFailed: state === "failed" });
        return;
      }
      case "archive":
        return this.#index(job.order);
      case "refuse":
        return this.#settle(job.order, store.sessions.write().refuse(job.order.archive, job.fault));
      case "forget": {
        store.sessions.write().remove(job.session);
        this.#archives.push({ session: job.session, number: 0, held: undefined });
      }
    }
  }

  async #index(order: ArchiveOrder): Promise<void> {
    const { store, cell } = this.#parts;
    const isNested = this.#running.length > 1;
    await using work = store.sessions.write().put(order.archive);
    cell[0] = order.number;
    for (let step = await work.next(); ; step = await work.next()) {
      if (step.done === true) {
        cell[0] = 0;
        return this.#settle(order, step.value);
      }
      if (this.#isLong) await this.#pause({ isNested });
      if (this.#parts.isStopped()) return this.#putBack(order);
      cell[0] = order.number;
      store.sessions.write();
    }
  }

  #putBack(order: ArchiveOrder): void {
    this.#parts.cell[0] = 0;
    this.#parts.queue.giveBack({ type: "archive", order });
  }

  /** Lets others see what is done, what was stored just now go first, and what is short have as much time as what is long. */
  async #pause({ isNested }: { isNested: boolean }): Promise<void> {
    this.#commit();
    // What has been said meanwhile is heard now.
    await turn();
    this.#since = performance.now();
    if (isNested) return;
    const except = this.#running.map(keyOf);
    for (let job = this.#next(except); job !== undefined; job = this.#next(except)) await this.#do(job);
    this.#since = performance.now();
  }

  #next(except: readonly string[]): Job | undefined {
    const { queue, isStopped } = this.#parts;
    if (isStopped()) return undefined;
    return queue.takeUrgent(except) ?? (this.#isLong ? undefined : queue.takeShort(except));
  }

  #settle({ archive, number }: ArchiveOrder, outcome: Outcome): void {
    const { workspaceId, sessionId, sha256, lines } = archive;
    const session = { workspaceId, sessionId };
    const fault = outcome.state === "failed" ? outcome.fault : undefined;
    const held = outcome.state === "gone" ? undefined : { ...session, id: outcome.id, sha256, lines, fault };
    this.#archives.push({ session, number, held });
  }

  #commit(): void {
    const [files, archives] = [this.#files, this.#archives];
    this.#parts.store.commit({ knowledge: files.length, sessions: archives.length });
    [this.#done, this.#files, this.#archives] = [[], [], []];
    if (files.length > 0 || archives.length > 0) this.#parts.say({ type: "settled", files, archives });
    this.#parts.committed();
  }
}
