interface DebounceTimes {
  /** The work begins when it was not asked for during this time. */
  quietMs: number;
  /** It begins at the latest this long after it was asked for first, however often it is asked for. */
  longestMs: number;
}

/** Puts work off until it is not asked for any more, and does all of it at once. It keeps no process alive. */
export class Debounce implements Disposable {
  readonly #work: () => void;
  readonly #times: DebounceTimes;
  #timer: NodeJS.Timeout | undefined;
  #sinceMs: number | undefined;

  constructor(work: () => void, times: DebounceTimes) {
    this.#work = work;
    this.#times = times;
  }

  /** Whether work was asked for and is not begun. */
  get isAwaited(): boolean {
    return this.#sinceMs !== undefined;
  }

  ask(): void {
    const nowMs = performance.now();
    this.#sinceMs ??= nowMs;
    const leftMs = this.#sinceMs + this.#times.longestMs - nowMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, Math.min(this.#times.quietMs, leftMs))).unref();
  }

  /** What was asked for is not done. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#sinceMs = undefined;
  }

  #begin(): void {
    this.#sinceMs = undefined;
    this.#work();
  }
}
