import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { FromWorker, Job, Part, ToWorker } from "./job.ts";

const MOST_WORKERS = 4;
const HEAP_MIB = 512;
/** A worker that was asked to stop and is still busy after this long (one huge line) is ended. */
const STOP_GRACE_MS = 100;

/** Threads that read and match stored text, so that the main thread only moves answers. They start when first needed. */
export class WorkerPool implements AsyncDisposable {
  /** How many jobs can run at once. */
  readonly size = Math.max(1, Math.min(MOST_WORKERS, availableParallelism()));
  readonly #root: string;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #queue: JobRun[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Puts a job into the queue. Its parts wait until they are read, a few ahead; whoever starts one must `stop` it or read it to the end. */
  start(job: Job): JobRun {
    const run = new JobRun(job, {
      drop: () => {
        const place = this.#queue.indexOf(run);
        if (place !== -1) this.#queue.splice(place, 1);
      },
      over: (worker) => this.#free(worker),
    });
    this.#queue.push(run);
    this.#next();
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of [...this.#queue]) run.stop();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#all.size < this.size ? this.#hire() : undefined);
    if (worker !== undefined) this.#queue.shift()?.runOn(worker);
  }

  #hire(): Worker {
    const worker = new Worker(new URL("./scan-worker.ts", import.meta.url), {
      workerData: { root: this.#root },
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    worker.unref();
    this.#all.add(worker);
    worker.once("exit", () => {
      this.#all.delete(worker);
      const place = this.#idle.indexOf(worker);
      if (place !== -1) this.#idle.splice(place, 1);
      this.#next();
    });
    return worker;
  }

  #free(worker: Worker): void {
    this.#idle.push(worker);
    this.#next();
  }
}

interface Owner {
  /** Takes the run out of the queue. */
  drop: () => void;
  /** The worker can do something else. */
  over: (worker: Worker) => void;
}

/** A job on its way. Reading it gives the parts; leaving the loop stops it. */
export class JobRun implements AsyncIterable<Part> {
  readonly job: Job;
  readonly #owner: Owner;
  readonly #stop = new SharedArrayBuffer(4);
  readonly #parts: Part[][] = [];
  #worker: Worker | undefined;
  #ended = false;
  #failure: Error | undefined;
  #grace: NodeJS.Timeout | undefined;
  #wake = () => {};

  constructor(job: Job, owner: Owner) {
    this.job = job;
    this.#owner = owner;
  }

  runOn(worker: Worker): void {
    this.#worker = worker;
    worker.ref();
    worker.on("message", this.#hear).on("error", this.#fail).on("exit", this.#end);
    this.#tell({ type: "start", job: this.job, stop: this.#stop });
  }

  /** Asks for an early end. What was found by then can still be read. */
  stop(): void {
    if (this.#ended) return;
    Atomics.store(new Int32Array(this.#stop), 0, 1);
    if (this.#worker === undefined) {
      this.#owner.drop();
      this.#end();
      return;
    }
    this.#tell({ type: "taken" });
    this.#grace ??= setTimeout(() => void this.#worker?.terminate(), STOP_GRACE_MS);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Part> {
    try {
      for (;;) {
        const parts = this.#parts.shift();
        if (parts !== undefined) {
          if (!this.#ended) this.#tell({ type: "taken" });
          yield* parts;
        } else if (!this.#ended) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if (this.#failure === undefined) return;
        else throw this.#failure;
      }
    } finally {
      this.stop();
    }
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  readonly #hear = (message: FromWorker): void => {
    if (message.type === "parts") {
      this.#parts.push(message.parts);
      this.#wake();
      return;
    }
    if (message.type === "failed") this.#failure = message.error;
    const worker = this.#worker;
    this.#end();
    if (worker !== undefined) this.#owner.over(worker);
  };

  /** A document too large for a worker's memory is like one that was not reached. Anything else is a defect. */
  readonly #fail = (error: Error): void => {
    if (!("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")) this.#failure = error;
    this.#end();
  };

  readonly #end = (): void => {
    this.#ended = true;
    clearTimeout(this.#grace);
    this.#worker?.off("message", this.#hear).off("error", this.#fail).off("exit", this.#end).unref();
    this.#worker = undefined;
    this.#wake();
  };
}

/**
 * Starts jobs a few ahead and gives their parts in the order of the jobs. When the signal aborts, the jobs are stopped
 * and the parts end soon.
 */
export async function* inOrder(
  pool: WorkerPool,
  jobs: Iterable<Job>,
  signal: AbortSignal,
): AsyncGenerator<{ job: Job; part: Part }> {
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
    for (let ahead = 0; ahead < pool.size; ahead += 1) startNext();
    for (let run = started[0]; run !== undefined; run = started[0]) {
      for await (const part of run) yield { job: run.job, part };
      started.shift();
      startNext();
    }
  } finally {
    signal.removeEventListener("abort", stopAll);
    stopAll();
  }
}
