import type { Worker } from "node:worker_threads";
import { LIMITS } from "../../../contract/limits.ts";
import type { FromWorker, Job, Part, ToWorker } from "../scan/job.ts";

interface Owner {
  /** The run was stopped before a worker took it. */
  dropped: () => void;
  /** The worker can do something else. */
  over: (worker: Worker) => void;
}

/**
 * A job on its way: waiting for a worker, then on one. Reading it gives the parts, as many at a time as the worker sent
 * together: one by one each would cost more than it tells. Leaving the loop stops it.
 */
export class JobRun implements AsyncIterable<Part[]> {
  readonly job: Job;
  readonly #owner: Owner;
  readonly #stop = new SharedArrayBuffer(4);
  readonly #parts: Part[][] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #worker: Worker | undefined;
  #ended = false;
  #failure: Error | undefined;
  #wake = () => {};

  constructor(job: Job, owner: Owner) {
    this.job = job;
    this.#owner = owner;
  }

  runOn(worker: Worker): void {
    this.#worker = worker;
    worker.ref();
    worker.on("message", this.#hear).on("error", this.fail).on("exit", this.#leave);
    this.#tell({ type: "start", job: this.job, stop: this.#stop });
  }

  /** Asks for an early end. What was found by then can still be read. */
  stop(): void {
    if (this.#ended || this.#timers.length > 0) return;
    Atomics.store(new Int32Array(this.#stop), 0, 1);
    const worker = this.#worker;
    if (worker === undefined) {
      this.#owner.dropped();
      this.#end();
      return;
    }
    this.#tell({ type: "taken" });
    // One huge line may keep a worker busy.
    this.#timers.push(
      setTimeout(() => this.#end(), LIMITS.search.stopGraceMs),
      setTimeout(() => void worker.terminate(), LIMITS.search.killMs),
    );
  }

  /** A document too large for a worker's memory is like one that was not reached. Anything else is a defect. */
  readonly fail = (error: Error): void => {
    if (!("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")) this.#failure = error;
    this.#leave();
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<Part[]> {
    try {
      for (;;) {
        const parts = this.#parts.shift();
        if (parts !== undefined) {
          this.#tell({ type: "taken" });
          yield parts;
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
    if (message.type === "parts" || message.type === "end") {
      if (!this.#ended && message.parts.length > 0) this.#parts.push(message.parts);
      this.#wake();
    }
    if (message.type === "parts") return;
    if (message.type === "failed") this.#failure = message.error;
    const worker = this.#worker;
    this.#leave();
    if (worker !== undefined) this.#owner.over(worker);
  };

  /** Nothing more comes from the worker. */
  readonly #leave = (): void => {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#worker?.off("message", this.#hear).off("error", this.fail).off("exit", this.#leave);
    this.#worker = undefined;
    this.#end();
  };

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
