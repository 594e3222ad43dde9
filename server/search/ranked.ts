import { LIMITS } from "../../contract/limits.ts";
import { has } from "./find-words.ts";
import { INSIDE, type Candidate, type Summary } from "./summarizer.ts";

interface Found<T> {
  document: T;
  title: string | undefined;
  summary: Summary;
}

/** A document with its place in the order. */
export interface Ranked<T> extends Found<T> {
  /** The passage to show. */
  best: Candidate;
  score: number;
}

/**
 * Documents best first. A word counts the more the fewer documents hold it; a document's score is what its best
 * passage holds, plus `coverage` times what the whole document holds. Equal scores: the newer one first. Of many
 * documents only the best are held, by how rare the words were when the others were let go.
 */
export class Ranking<T extends { timeMs: number; key: string }> {
  readonly #coverage: number;
  readonly #most: number;
  /** For every word, how many documents hold it. */
  readonly #holding: number[];
  #documents = 0;
  #found: Found<T>[] = [];

  constructor(
    words: number,
    { coverage, most = LIMITS.search.rankedHits }: { coverage: number; most?: number },
  ) {
    this.#holding = Array.from({ length: words }, () => 0);
    this.#coverage = coverage;
    this.#most = most;
  }

  add(found: Found<T>): void {
    this.#documents += 1;
    for (const [index, weight] of found.summary.reach.entries())
      if (weight > 0) this.#holding[index] = (this.#holding[index] ?? 0) + 1;
    this.#found.push(found);
    if (this.#found.length >= 2 * this.#most) this.#found = this.best();
  }

  /** How many documents are not among the best. */
  get lower(): number {
    return Math.max(0, this.#documents - this.#most);
  }

  /** The best so far, best first. */
  best(): Ranked<T>[] {
    const rarity = this.#holding.map((holding) => Math.log(1 + this.#documents / Math.max(1, holding)));
    return this.#found
      .flatMap((found) => ranked(found, rarity, this.#coverage) ?? [])
      .sort(compare)
      .slice(0, this.#most);
  }
}

function ranked<T>(found: Found<T>, rarity: readonly number[], coverage: number): Ranked<T> | undefined {
  const { reach, candidates } = found.summary;
  const scored = candidates.map((candidate) => ({ candidate, score: passageScore(candidate, rarity) }));
  const [best] = scored.sort((a, b) => b.score - a.score || a.candidate.line - b.candidate.line);
  if (best === undefined) return undefined;
  const whole = reach.reduce((sum, weight, index) => sum + weight * (rarity[index] ?? 0), 0);
  return { ...found, best: best.candidate, score: rounded(best.score + coverage * whole) };
}

function passageScore({ weight, strong, weak }: Candidate, rarity: readonly number[]): number {
  const sum = rarity.reduce((total, value, index) => {
    if (has(strong, index)) return total + value;
    return has(weak, index) ? total + INSIDE * value : total;
  }, 0);
  return weight * sum;
}

function compare<T extends { timeMs: number; key: string }>(a: Ranked<T>, b: Ranked<T>): number {
  return (
    b.score - a.score || b.document.timeMs - a.document.timeMs || (a.document.key < b.document.key ? -1 : 1)
  );
}

function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}
