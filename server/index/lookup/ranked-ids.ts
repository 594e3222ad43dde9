import { firstIndex } from "./first-index.ts";

const NO_RANK = -1;

/** Ids in an order of their own, each with its rank: its place in that order. */
export class RankedIds {
  /** Ids by rank. */
  #order = new Int32Array();
  /** For every id its place in `#order`. */
  #rank = new Int32Array();

  get length(): number {
    return this.#order.length;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#order.values();
  }

  filter(isWanted: (id: number) => boolean): Int32Array {
    return this.#order.filter(isWanted);
  }

  rankOf(id: number): number {
    return this.#rank[id] ?? NO_RANK;
  }

  withRank(rank: number): number {
    return this.#order[rank] ?? 0;
  }

  /** The first rank whose id does not come before, which then holds for all ids behind it. */
  firstRank(comesBefore: (id: number) => boolean): number {
    return firstIndex(this.#order.length, (rank) => comesBefore(this.withRank(rank)));
  }

  /** Takes out what is gone, and what is to get another rank. */
  remove(ids: Iterable<number>): void {
    for (const id of ids) if (id < this.#rank.length) this.#rank[id] = NO_RANK;
  }

  /** Merges ids into the others, which keep their order. */
  insert(ids: readonly number[], compare: (a: number, b: number) => number): void {
    const kept = this.#order.filter((id) => this.#rank[id] !== NO_RANK);
    const added = ids.toSorted(compare);
    this.#makeRoom(ids.reduce((most, id) => Math.max(most, id), 0));
    this.#order = new Int32Array(kept.length + added.length);
    for (let rank = 0, at = 0, next = 0; rank < this.#order.length; rank += 1) {
      const [old, fresh] = [kept[at], added[next]];
      const isFresh = fresh !== undefined && (old === undefined || compare(fresh, old) < 0);
      const id = (isFresh ? fresh : old) ?? 0;
      if (isFresh) next += 1;
      else at += 1;
      this.#order[rank] = id;
      this.#rank[id] = rank;
    }
  }

  #makeRoom(id: number): void {
    if (id < this.#rank.length) return;
    const rank = new Int32Array(2 * id + 1).fill(NO_RANK);
    rank.set(this.#rank);
    this.#rank = rank;
  }
}
