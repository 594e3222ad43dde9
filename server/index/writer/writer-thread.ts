import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { LIMITS } from "../../../contract/limits.ts";
import { startThread } from "../../threads/thread.ts";
import type { FromWriter, ToWriter } from "../messages.ts";

interface ThreadParts {
  root: string;
  hear: (message: FromWriter) => void;
  /** It has begun, perhaps again: it knows nothing but what is in the index. */
  begun: () => void;
  /** It ended by itself; `number` is that of the archive it was working on, or 0. It begins again by itself. */
  died: (error: Error, number: number) => void;
}

/** Keeps the thread that writes the index running; after a death it waits longer each time. */
export class WriterThread implements AsyncDisposable {
  readonly #parts: ThreadParts;
  readonly #cell = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  #worker: Worker | undefined;
  #pauseMs: number = LIMITS.index.restartFirstMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  start(): void {
    this.#begin();
  }

  /** Nothing is sent while it does not run; `begun` says when it does again. */
  send(message: ToWriter): void {
    this.#worker?.postMessage(message);
  }

  /** Lets it finish what it is about to commit. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = once(worker, "exit");
    const late = setTimeout(() => void worker.terminate(), LIMITS.index.closeMs);
    this.send({ type: "close" });
    await ended;
    clearTimeout(late);
  }

  #begin(): void {
    const worker = startThread(new URL("./writer-worker.ts", import.meta.url), {
      workerData: { root: this.#parts.root, cell: this.#cell },
      heapBytes: LIMITS.index.heapBytes,
      youngBytes: LIMITS.index.youngHeapBytes,
    });
    let cause = new Error("the thread ended");
    worker.on("message", (message: FromWriter) => this.#hear(message));
    worker.on("error", (error: Error) => (cause = error));
    worker.once("exit", () => this.#ended(cause));
    // The server is kept running by what it listens to.
    worker.unref();
    this.#worker = worker;
    this.#parts.begun();
  }

  #hear(message: FromWriter): void {
    // Whoever comes so far is well.
    if (message.type === "settled" || message.type === "walked") this.#pauseMs = LIMITS.index.restartFirstMs;
    this.#parts.hear(message);
  }

  #ended(cause: Error): void {
    this.#worker = undefined;
    if (this.#isClosing) return;
    const cell = new Int32Array(this.#cell);
    const number = cell[0] ?? 0;
    cell[0] = 0;
    this.#parts.died(cause, number);
    this.#timer = setTimeout(() => this.#begin(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, LIMITS.index.restartLastMs);
  }
}
