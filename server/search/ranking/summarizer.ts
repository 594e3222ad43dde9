import { LIMITS } from "../../../contract/limits.ts";
import type { TurnRole } from "../../../contract/search.ts";
import { BestPassages } from "./best-passages.ts";
import { findWords, isFound, type FoundWord } from "../words/find-words.ts";
import { holdingsOf } from "./holdings.ts";
import { snippet } from "../words/snippet.ts";
import { rarityOf, worthOf } from "./rarity.ts";
import { WEIGHTS } from "../words/weights.ts";
import type { Word } from "../words/words.ts";

/** A turn of a session or a line of a knowledge file. */
export interface TextPiece {
  line: number;
  role?: TurnRole | undefined;
  text: string;
  /** What kind of text it is: 1 for ordinary, more for what tells more. */
  weight: number;
  /** Says what the passages are about that follow, up to the next heading. */
  isHeading?: boolean;
}

/** A passage that could be the one to show. */
export interface Shown {
  line: number;
  role?: TurnRole | undefined;
  timeMs?: number | undefined;
  /** How much it holds of every word. */
  holdings: readonly number[];
  snippet: string;
}

/** What a document holds of the words: everything that ranking needs to know of it. */
export interface Summary {
  /** How many passages were looked at, and how many of them hold each word. */
  passages: number;
  holding: number[];
  /** How much the best place for each word holds of it, 0 when the document does not hold it. */
  reach: number[];
  candidates: Shown[];
  /** Lines that hold some of the words, best first. */
  lines: number[];
}

interface Kept extends Omit<Shown, "snippet"> {
  exchange: number;
  text: string;
  found: readonly FoundWord[];
}

/** Sums up one document, passage by passage. */
export class Summarizer {
  readonly #words: readonly Word[];
  readonly #none: readonly number[];
  readonly #rarity: readonly number[] | undefined;
  readonly #holding: number[];
  readonly #reach: number[];
  readonly #best: BestPassages<Kept>;
  #passages = 0;
  #exchange = 0;
  #context: readonly number[];
  #section: readonly number[];
  /** What a user said last, and what the best answer to it holds. */
  #question: { asked: Kept; answer: readonly number[] } | undefined;

  /** `rarity`: how rare the words are elsewhere, if somebody knows it. In the document itself is seen on the way. */
  constructor(words: readonly Word[], rarity?: readonly number[]) {
    this.#words = words;
    this.#none = words.map(() => 0);
    this.#rarity = rarity;
    this.#holding = [...this.#none];
    this.#reach = [...this.#none];
    this.#best = new BestPassages(worthOf(rarity ?? words.map(() => 1)));
    this.#context = this.#none;
    this.#section = this.#none;
  }

  /** Text that says what the document is about but is no place to show: its path. */
  setContext(text: string, weight: number): void {
    const chars = text.length;
    this.#context = holdingsOf(findWords(text, this.#words), this.#words, { chars, weight });
    this.#extendReach(this.#context);
  }

  /** `timeOf` is asked only for a passage that holds a word; undefined for one that does not count. */
  add(passage: TextPiece, timeOf: () => { timeMs?: number | undefined } | undefined): void {
    this.#passages += 1;
    if (passage.role === "user") this.#beginExchange();
    if (passage.isHeading === true) this.#section = this.#none;
    const found = findWords(passage.text, this.#words);
    const time = isFound(found) ? timeOf() : undefined;
    if (time === undefined) return;
    for (const [index, { starts }] of found.entries())
      if (starts.length > 0) this.#holding[index] = (this.#holding[index] ?? 0) + 1;
    const { line, role, text } = passage;
    const holdings = this.#holdingsOf(found, passage);
    this.#keep({ exchange: this.#exchange, line, role, timeMs: time.timeMs, holdings, text, found });
  }

  /** What the passages came to. `otherwise` is what to show when only the context holds a word. Undefined when nothing does. */
  summary(otherwise?: () => Omit<Shown, "holdings">): Summary | undefined {
    this.#keepQuestion();
    const passages = this.#passages;
    const holding = this.#holding;
    const candidates = this.#best.best().map(shownOf);
    if (candidates.length === 0 && otherwise !== undefined && this.#context.some((each) => each > 0))
      candidates.push({ ...otherwise(), holdings: this.#none });
    if (candidates.length === 0) return undefined;
    const lines = this.#best.lines(worthOf(rarityOf({ passages, holding }, this.#rarity)));
    return { passages, holding, reach: this.#reach, candidates, lines };
  }

  #holdingsOf(found: readonly FoundWord[], { text, weight, isHeading, role }: TextPiece): number[] {
    const chars = role === undefined ? text.length : Math.max(text.length, WEIGHTS.leastChars);
    const own = holdingsOf(found, this.#words, { chars, weight });
    if (isHeading === true) this.#section = own;
    return isHeading === true ? own : withShare(own, this.#section, WEIGHTS.section);
  }

  /** A question is kept when it is known what the answers hold. */
  #keep(kept: Kept): void {
    this.#extendReach(kept.holdings);
    if (kept.role === "user") {
      this.#question = { asked: kept, answer: this.#none };
      return;
    }
    this.#best.add(kept);
    if (kept.role !== "assistant" || this.#question === undefined) return;
    const { answer } = this.#question;
    this.#question.answer = kept.holdings.map((holding, index) => Math.max(holding, answer[index] ?? 0));
  }

  #beginExchange(): void {
    this.#keepQuestion();
    this.#exchange += 1;
  }

  #keepQuestion(): void {
    if (this.#question === undefined) return;
    const { asked, answer } = this.#question;
    this.#best.add({ ...asked, holdings: withShare(asked.holdings, answer, WEIGHTS.answer) });
    this.#question = undefined;
  }

  #extendReach(holdings: readonly number[]): void {
    for (const [index, holding] of holdings.entries())
      this.#reach[index] = Math.max(holding, this.#reach[index] ?? 0);
  }
}

function withShare(own: readonly number[], other: readonly number[], share: number): number[] {
  return own.map((holding, index) => holding + share * (other[index] ?? 0));
}

function shownOf({ exchange: _exchange, text, found, ...candidate }: Kept): Shown {
  return { ...candidate, snippet: snippet(text, busiest(found)) };
}

/** What a reader sees of a passage beside the place that is shown. */
const AROUND_CHARS = 200;

/** The place from which on the most different words are to be seen. */
function busiest(found: readonly FoundWord[]): number {
  const places = found.flatMap(({ starts }, word) => starts.map((start) => ({ start, word })));
  places.sort((a, b) => a.start - b.start);
  let best = { at: 0, words: 0 };
  for (const [index, { start }] of places.entries()) {
    const seen = places
      .slice(index, index + LIMITS.search.words)
      .filter((place) => place.start - start < AROUND_CHARS);
    const words = new Set(seen.map(({ word }) => word)).size;
    if (words > best.words) best = { at: start, words };
  }
  return best.at;
}
