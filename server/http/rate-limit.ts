const MINUTE_MS = 60_000;

interface RateLimitOptions {
  perMinute: number;
  /** How many keys are remembered at once; beyond, the one seen first is forgotten. */
  keys: number;
  now?: () => number;
}

interface Window {
  startedMs: number;
  count: number;
}

/** Counts per key within a minute that begins with the key's first event. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Counts one event. Gives 0 while the key is within its limit, else the whole seconds until it may go on. */
  take(key: string): number {
    const now = this.#now();
    const window = this.#windows.get(key);
    if (window === undefined || now - window.startedMs >= MINUTE_MS) {
      this.#begin(key, now);
      return 0;
    }
    window.count += 1;
    if (window.count <= this.#options.perMinute) return 0;
    return Math.max(1, Math.ceil((window.startedMs + MINUTE_MS - now) / 1000));
  }

  #begin(key: string, now: number): void {
    this.#windows.delete(key);
    if (this.#windows.size >= this.#options.keys) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(key, { startedMs: now, count: 1 });
  }
}
