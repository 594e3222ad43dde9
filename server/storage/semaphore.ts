import { AppError } from "../../contract/errors.ts";

interface SemaphoreOptions {
  /** How many may run at once. */
  slots: number;
  /** How many may wait for a slot; who comes after them is refused at once. */
  queue: number;
  /** How long one may wait. */
  waitMs: number;
  /** What is counted, for the refusal: "searches", "uploads". */
  what: string;
}

/** Bounded work and a bounded queue, in order of arrival. Beyond them: `unavailable`, at once. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: SemaphoreOptions) {
    this.#options = options;
  }

  /** How many wait for a slot now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Waits for a slot and gives it back when disposed. Throws `unavailable`, or the signal's reason. */
  async acquire(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#running < this.#options.slots) this.#running += 1;
    else await this.#wait(signal);
    return this.#slot();
  }

  #slot(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#release();
        held = false;
      },
    };
  }

  /** A freed slot goes straight to the one who waits longest, so a newcomer cannot overtake. */
  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#options.queue) throw this.#refusal();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      // Leaves the queue at once: a slot freed before the rejection is heard must go to somebody else.
      this.#waiting.delete(resolve);
      reject(signal?.aborted === true ? signal.reason : this.#refusal());
    };
    const timer = setTimeout(giveUp, this.#options.waitMs);
    signal?.addEventListener("abort", giveUp);
    this.#waiting.add(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #refusal(): AppError {
    return new AppError("unavailable", `Too many ${this.#options.what} at once`, {
      hint: "Try again in a few seconds",
    });
  }
}
