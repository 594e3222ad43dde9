import { LIMITS } from "../../../contract/limits.ts";
import { scoreOf } from "./rarity.ts";

/** Something on a line of a document that holds some of the words. */
interface Held {
  line: number;
  /** How much it holds of every word. */
  holdings: readonly number[];
  /** Passages of the same exchange are read together. */
  exchange: number;
}

/** So many are gathered before all but the best are let go. */
const GATHERED = 16 * LIMITS.search.lines;

/** Keeps of one document's passages the best for every word, and knows which lines are the best. */
export class BestPassages<T extends Held> {
  readonly #worth: readonly number[];
  readonly #best: ({ passage: T; merit: number } | undefined)[];
  #lines: Held[] = [];

  /** By this worth of the words passages are let go while they are gathered. */
  constructor(worth: readonly number[]) {
    this.#worth = worth;
    this.#best = worth.map(() => undefined);
  }

  add(passage: T): void {
    const { line, holdings, exchange } = passage;
    const merit = scoreOf(holdings, this.#worth);
    for (const [index, holding] of holdings.entries())
      if (holding > 0 && merit > (this.#best[index]?.merit ?? 0)) this.#best[index] = { passage, merit };
    this.#lines.push({ line, holdings, exchange });
    if (this.#lines.length >= GATHERED)
      this.#lines = inOrder(this.#lines, this.#worth).slice(0, GATHERED / 2);
  }

  /** For every word the passage that holds it and most else, each once. */
  best(): T[] {
    return [...new Set(this.#best.flatMap((best) => best?.passage ?? []))];
  }

  /**
   * At most `LIMITS.search.lines` lines, each once, best first by this worth: the best of every exchange, then what
   * else they hold.
   */
  lines(worth: readonly number[]): number[] {
    const ordered = inOrder(this.#lines, worth);
    const best = new Map(ordered.toReversed().map((held) => [held.exchange, held]));
    const leading = ordered.filter((held) => best.get(held.exchange) === held);
    return [...new Set([...leading, ...ordered].map(({ line }) => line))].slice(0, LIMITS.search.lines);
  }
}

function inOrder(lines: readonly Held[], worth: readonly number[]): Held[] {
  const scored = lines.map((held) => ({ held, score: scoreOf(held.holdings, worth) }));
  return scored.sort((a, b) => b.score - a.score || a.held.line - b.held.line).map(({ held }) => held);
}
