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

  /** All that waits, in no order. */
  *values(): Generator<T> {
    for (const { value } of this.#values.values()) yield value;
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

  /** The newest one that is wanted. */
  take(isWanted: (value: T) => boolean = () => true): T | undefined {
    if (!this.#isOrdered) this.#sort();
    const passed: string[] = [];
    let taken: T | undefined;
    while (taken === undefined) {
      const key = this.#order.pop();
      if (key === undefined) break;
      const waiting = this.#values.get(key);
      if (waiting === undefined) continue;
      if (isWanted(waiting.value)) taken = waiting.value;
      if (taken === undefined) passed.push(key);
      else this.#values.delete(key);
    }
    this.#order.push(...passed.reverse());
    return taken;
  }

  #sort(): void {
    const waiting = [...this.#values].sort(([, a], [, b]) => a.timeMs - b.timeMs);
    this.#order = waiting.map(([key]) => key);
    this.#isOrdered = true;
  }
}
