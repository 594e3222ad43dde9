import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { LIMITS } from "../../../contract/limits.ts";
import { startThread } from "../../threads/thread.ts";
import { JobRun } from "./job-run.ts";
import type { FromWorker, Job, Part } from "../scan/job.ts";

/** Threads that read and match stored text, so that the main thread only moves answers. They start when first needed. */
export class WorkerPool implements AsyncDisposable {
  /** How many jobs can run at once. */
  readonly size = Math.max(1, Math.min(LIMITS.search.workers, availableParallelism()));
  readonly #root: string;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #queue: JobRun[] = [];
  #closed = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** Starts a thread before there is something to do, so that the first search need not wait for it. */
  warmUp(): void {
    if (this.#all.size === 0) this.#startWorker();
  }

  /** Puts a job into the queue. Its parts wait until they are read, a few ahead; whoever starts one must `stop` it or read it to the end. */
  start(job: Job): JobRun {
    const run: JobRun = new JobRun(job, {
      dropped: () => void this.#queue.splice(this.#queue.indexOf(run), 1),
      over: (worker) => this.#free(worker),
    });
    // To ask the index takes no time, and then little is left to read.
    if (job.task.kind === "newest" || job.task.kind === "best") this.#queue.unshift(run);
    else this.#queue.push(run);
    if (this.#closed) run.stop();
    else this.#next();
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    while (this.#queue.length > 0) this.#queue[0]?.stop();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop();
    if (worker !== undefined) this.#queue.shift()?.runOn(worker);
    else if (this.#all.size < this.size) this.#startWorker();
  }

  /** Starts a worker; it takes a job once it says that it is ready. */
  #startWorker(): void {
    const worker = startThread(new URL("./scan-worker.ts", import.meta.url), {
      workerData: { root: this.#root },
      heapBytes: LIMITS.search.workerHeapBytes,
      youngBytes: LIMITS.search.workerYoungBytes,
    });
    this.#all.add(worker);
    let ready = false;
    worker.on("message", (message: FromWorker) => {
      if (message.type !== "ready") return;
      ready = true;
      this.#free(worker);
    });
    worker.on("error", (error: Error) => {
      // Later failures are the running job's. A worker that cannot even start leaves nobody to do what waits.
      if (!ready) for (const run of this.#queue.splice(0)) run.fail(error);
    });
    worker.once("exit", () => {
      this.#all.delete(worker);
      const place = this.#idle.indexOf(worker);
      if (place !== -1) this.#idle.splice(place, 1);
      this.#next();
    });
  }

  /** An idle worker does not keep the process alive. */
  #free(worker: Worker): void {
    worker.unref();
    this.#idle.push(worker);
    this.#next();
  }
}

/**
 * Starts jobs a few ahead and gives their parts in the order of the jobs, some at a time. When the signal aborts, the jobs are stopped
 * and the parts end soon.
 */
export async function* inOrder(
  pool: WorkerPool,
  jobs: Iterable<Job>,
  signal: AbortSignal,
): AsyncGenerator<{ job: Job; parts: Part[] }> {
  const waiting = Iterator.from(jobs);
  const started: JobRun[] = [];
  const stopAll = () => {
    for (const run of started) run.stop();
  };
  const startNext = () => {
    const next = signal.aborted ? undefined : waiting.next();
    if (next !== undefined && next.done !== true) started.push(pool.start(next.value));
  };
  signal.addEventListener("abort", stopAll);
  try {
    // One more than can run at once: no thread waits until its last job is read to the end.
    for (let ahead = 0; ahead <= pool.size; ahead += 1) startNext();
    for (let run = started[0]; run !== undefined; run = started[0]) {
      for await (const parts of run) yield { job: run.job, parts };
      started.shift();
      startNext();
    }
  } finally {
    signal.removeEventListener("abort", stopAll);
    stopAll();
  }
}
