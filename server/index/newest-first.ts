/** Values that wait, each under a key of its own, and are taken newest first. */
export class NewestFirst<T> {
  readonly #values = new Map<string, { value: T; timeMs: number }>();
  /** Oldest first; some may be gone by now. */
  #order: string[] = [];
  #isOrdered = true;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): T | undefined {
    return this.#values.get(key)?.value;
  }

  /** Takes the place of what waits under the same key. */
  set(key: string, value: T, timeMs: number): void {
    this.#values.set(key, { value, timeMs });
    this.#isOrdered = false;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }

  take(): T | undefined {
    if (!this.#isOrdered) this.#sort();
    for (let key = this.#order.pop(); key !== undefined; key = this.#order.pop()) {
      const waiting = this.#values.get(key);
      if (waiting === undefined) continue;
      this.#values.delete(key);
      return waiting.value;
    }
    return undefined;
  }

  #sort(): void {
    const waiting = [...this.#values].sort(([, a], [, b]) => a.timeMs - b.timeMs);
    this.#order = waiting.map(([key]) => key);
    this.#isOrdered = true;
  }
}
