import { LIMITS } from "../../../contract/limits.ts";
import { comparePlaces } from "../../index/order.ts";
import { rarityOf, scoreOf, worthOf } from "./rarity.ts";
import type { Shown, Summary } from "./summarizer.ts";

interface Found<T> {
  document: T;
  title: string | undefined;
  summary: Summary;
}

/** A document with its place in the order. */
export interface Ranked<T> extends Found<T> {
  /** The passage to show. */
  best: Shown;
  score: number;
  /** What each word adds to the score, by its number. */
  shares: number[];
}

interface RankingOptions {
  /** How much the best places of the whole document count beside its best passage. */
  wholeShare: number;
  /** How rare the words are in larger pieces of text, if somebody knows it; what is added tells the rest. */
  rarity?: readonly number[] | undefined;
  /** Documents that are held; `LIMITS.search.rankedHits` when nobody says it. */
  most?: number;
}

/**
 * Documents best first: a document's score is what its best passage holds, plus `wholeShare` times what the document
 * holds of every word in its best place for it, all by how rare the words are. Equal scores: the newer one first. Of
 * many documents only the best are held, by how rare the words were when the others were let go.
 */
export class Ranking<T extends { timeMs: number; key: string }> {
  readonly #wholeShare: number;
  readonly #most: number;
  readonly #rarity: readonly number[] | undefined;
  readonly #holding: number[];
  #passages = 0;
  #documents = 0;
  #found: Found<T>[] = [];

  constructor(words: number, { wholeShare, rarity, most = LIMITS.search.rankedHits }: RankingOptions) {
    this.#holding = Array.from({ length: words }, () => 0);
    this.#wholeShare = wholeShare;
    this.#rarity = rarity;
    this.#most = most;
  }

  add(found: Found<T>): void {
    const { passages, holding } = found.summary;
    this.#documents += 1;
    this.#passages += passages;
    for (const [index, holds] of holding.entries())
      this.#holding[index] = (this.#holding[index] ?? 0) + holds;
    this.#found.push(found);
    if (this.#found.length >= 2 * this.#most) this.#found = this.best();
  }

  /** How many documents were added. */
  get documents(): number {
    return this.#documents;
  }

  /** How many documents are not among the best. */
  get lower(): number {
    return Math.max(0, this.#documents - this.#most);
  }

  /** The best so far, best first. */
  best(): Ranked<T>[] {
    const worth = worthOf(rarityOf({ passages: this.#passages, holding: this.#holding }, this.#rarity));
    return this.#found
      .flatMap((found) => ranked(found, worth, this.#wholeShare) ?? [])
      .sort((a, b) => b.score - a.score || comparePlaces(a.document, b.document))
      .slice(0, this.#most);
  }
}

function ranked<T>(found: Found<T>, worth: readonly number[], wholeShare: number): Ranked<T> | undefined {
  const { reach, candidates } = found.summary;
  const scored = candidates.map((candidate) => ({ candidate, score: scoreOf(candidate.holdings, worth) }));
  const [first] = scored.sort((a, b) => b.score - a.score || a.candidate.line - b.candidate.line);
  if (first === undefined) return undefined;
  const best = first.candidate;
  const shares = reach.map(
    (held, index) => (worth[index] ?? 0) * ((best.holdings[index] ?? 0) + wholeShare * held),
  );
  const score = shares.reduce((sum, share) => sum + share, 0);
  return { ...found, best, score: rounded(score), shares };
}

/** To a thousandth: that much of a score is shown. */
export function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}
