/** Runs work one at a time per key, in order of arrival. Keys that are idle take no memory. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** `signal` ends the waiting, not the work: who gives up leaves the line at once and throws the signal's reason. */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const finished = Promise.withResolvers<void>();
    // Whoever comes next waits for those before too, also when this one gives up.
    const mine = before.then(() => finished.promise);
    this.#tails.set(key, mine);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      finished.resolve();
      void mine.then(() => this.#tails.get(key) === mine && this.#tails.delete(key));
    }
  }
}

async function untilAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return turn;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
