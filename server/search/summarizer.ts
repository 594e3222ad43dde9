import type { TurnRole } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { findWords, has, isFound, type FoundWords } from "./find-words.ts";
import { fold } from "../index/fold.ts";
import { snippet } from "./match.ts";
import type { Word } from "./words.ts";

/** Inside of a longer word counts less than a word or its beginning. */
export const INSIDE = 0.4;
/** A passage of this many characters counts about nine tenths of a very short one. */
const LONG_CHARS = 1000;
/** So many lines are gathered before all but the best are let go. */
const LINES_GATHERED = 16 * LIMITS.search.lines;

/** A turn of a session or a line of a knowledge file. */
export interface Passage {
  line: number;
  role?: TurnRole | undefined;
  text: string;
  /** What kind of text it is: 1 for ordinary, more for what tells more. */
  weight: number;
}

/** A passage that could be the one to show. Bit n of `strong` and `weak` stands for word n. */
export interface Candidate {
  line: number;
  role?: TurnRole | undefined;
  timeMs?: number | undefined;
  weight: number;
  strong: number;
  weak: number;
  snippet: string;
}

/** What a document holds of the words: everything that ranking needs to know of it. */
export interface Summary {
  /** For every word the weight of the best place it stands in, 0 when the document does not hold it. */
  reach: number[];
  candidates: Candidate[];
  /** Lines with the most words, ascending. */
  lines: number[];
}

/** Sums up one document, passage by passage. */
export class Summarizer {
  readonly #words: readonly Word[];
  readonly #reach: number[];
  /** For every word the best passage with it. */
  readonly #best: ({ merit: number; candidate: Candidate } | undefined)[];
  #lines: { line: number; merit: number }[] = [];
  #context: Pick<FoundWords, "strong" | "weak"> = { strong: 0, weak: 0 };

  constructor(words: readonly Word[]) {
    this.#words = words;
    this.#reach = words.map(() => 0);
    this.#best = words.map(() => undefined);
  }

  /** Text that says what the document is about but is no place to show: its path. */
  setContext(folded: string, weight: number): void {
    const { strong, weak } = findWords(folded, this.#words);
    this.#context = { strong, weak };
    this.#extendReach(this.#context, weight);
  }

  /** `timeOf` is asked only for a passage that holds a word; undefined for one that does not count. */
  add(passage: Passage, timeOf: () => { timeMs?: number | undefined } | undefined): void {
    const found = findWords(fold(passage.text), this.#words);
    if (!isFound(found)) return;
    const time = timeOf();
    if (time === undefined) return;
    this.#extendReach(found, passage.weight);
    const weight = passage.weight / (1 + Math.log2(1 + passage.text.length / LONG_CHARS) / 8);
    const merit = weight * (count(found.strong) + INSIDE * count(found.weak));
    this.#keepLine(passage.line, merit);
    this.#keepBest(passage, found, merit, { weight, timeMs: time.timeMs });
  }

  /** What the passages came to. `otherwise` is what to show when only the context holds a word. Undefined when nothing does. */
  summary(otherwise?: () => Omit<Candidate, "strong" | "weak">): Summary | undefined {
    const candidates = [...new Set(this.#best.flatMap((best) => best?.candidate ?? []))];
    if (candidates.length === 0 && otherwise !== undefined && isFound(this.#context))
      candidates.push({ ...otherwise(), ...this.#context });
    if (candidates.length === 0) return undefined;
    this.#trimLines();
    return {
      reach: this.#reach,
      candidates,
      lines: this.#lines.map(({ line }) => line).sort((a, b) => a - b),
    };
  }

  #extendReach(found: Pick<FoundWords, "strong" | "weak">, weight: number): void {
    for (const [index, before] of this.#reach.entries()) {
      const share = has(found.strong, index) ? 1 : has(found.weak, index) ? INSIDE : 0;
      this.#reach[index] = Math.max(before, weight * share);
    }
  }

  #keepBest(
    passage: Passage,
    found: FoundWords,
    merit: number,
    more: { weight: number; timeMs: number | undefined },
  ): void {
    const better = this.#words
      .keys()
      .filter((index) => has(found.strong | found.weak, index) && merit > (this.#best[index]?.merit ?? 0))
      .toArray();
    if (better.length === 0) return;
    const { line, role, text } = passage;
    const { strong, weak } = found;
    const candidate = { line, role, ...more, strong, weak, snippet: snippet(text, busiest(found.places)) };
    for (const index of better) this.#best[index] = { merit, candidate };
  }

  #keepLine(line: number, merit: number): void {
    if (this.#lines.at(-1)?.line === line) return;
    this.#lines.push({ line, merit });
    if (this.#lines.length > LINES_GATHERED) this.#trimLines();
  }

  #trimLines(): void {
    this.#lines = this.#lines
      .sort((a, b) => b.merit - a.merit || a.line - b.line)
      .slice(0, LIMITS.search.lines)
      .sort((a, b) => a.line - b.line);
  }
}

/** The place with the most other places shortly after it. */
function busiest(places: readonly number[]): number {
  const near = (place: number) => places.filter((other) => other >= place && other - place < 200).length;
  return places.toSorted((a, b) => near(b) - near(a) || a - b)[0] ?? 0;
}

function count(bits: number): number {
  let ones = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) ones += 1;
  return ones;
}
