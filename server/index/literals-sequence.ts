/** Literals of which every match holds at least one. */
export type Clause = readonly string[];

/** What is known of the texts that a part of an expression matches. */
export interface Known {
  /** All of them, when they are few and short. */
  exact?: readonly string[];
  /** What each of them holds. Empty when nothing is known. */
  clauses: readonly Clause[];
}

/** Anything may stand here. */
export const ANYTHING: Known = { clauses: [] };

const MOST_TEXTS = 32;
const LONGEST_TEXT = 64;
/** More than these narrow a search no further. */
const MOST_CLAUSES = 4;
/** The index is made of pieces of this many characters. */
const SHORTEST_LITERAL = 3;

/** Parts that follow each other. Those whose texts are all known grow together into longer literals. */
export class Sequence {
  #run: readonly string[] = [""];
  #clauses: Clause[] = [];
  #isExact = true;

  /** Adds a part that stands there `min` to `max` times. */
  add(part: Known, { min, max }: { min: number; max: number }): void {
    if (min === 0 && max === 1 && part.exact !== undefined)
      return this.#addOnce({ exact: ["", ...part.exact], clauses: [] });
    // What is the same again and again tells nothing new after a while.
    const times = Math.min(min, part.exact === undefined ? 1 : LONGEST_TEXT);
    for (let time = 0; time < times; time += 1) this.#addOnce(part);
    if (max > times) this.#addOnce(ANYTHING);
  }

  /** What is known of the whole. */
  known(): Known {
    if (this.#isExact) return { exact: this.#run, clauses: [] };
    this.#endRun();
    return { clauses: mostTelling(this.#clauses) };
  }

  #addOnce({ exact, clauses }: Known): void {
    const longer = exact === undefined ? undefined : joined(this.#run, exact);
    if (longer !== undefined) this.#run = longer;
    else {
      this.#endRun();
      this.#clauses.push(...clauses);
      this.#run = exact ?? [""];
    }
  }

  #endRun(): void {
    this.#isExact = false;
    this.#clauses.push(...clausesOf({ exact: this.#run, clauses: [] }));
    this.#run = [""];
  }
}

/** Every text of one with every text of the other behind it, unless those are too many or too long. */
function joined(before: readonly string[], after: readonly string[]): readonly string[] | undefined {
  if (before.length * after.length > MOST_TEXTS) return undefined;
  const texts = before.flatMap((start) => after.map((end) => `${start}${end}`));
  return texts.every((text) => text.length <= LONGEST_TEXT) ? [...new Set(texts)] : undefined;
}

/** One of several parts stands there. */
export function anyOf(parts: readonly Known[]): Known {
  const texts = parts.flatMap(({ exact }) => exact ?? []);
  if (texts.length <= MOST_TEXTS && parts.every(({ exact }) => exact !== undefined))
    return { exact: [...new Set(texts)], clauses: [] };
  const best = parts.map((part) => clausesOf(part)[0]);
  if (best.some((clause) => clause === undefined)) return ANYTHING;
  return { clauses: [[...new Set(best.flatMap((clause) => clause ?? []))]] };
}

/** What every match holds, the most telling first. */
export function clausesOf({ exact, clauses }: Known): readonly Clause[] {
  if (exact === undefined) return clauses;
  return exact.every((text) => Array.from(text).length >= SHORTEST_LITERAL) ? [exact] : [];
}

/** Few long literals tell more than many short ones. */
function mostTelling(clauses: readonly Clause[]): readonly Clause[] {
  const different = new Map(clauses.map((clause) => [clause.join("\n"), clause]));
  return [...different.values()]
    .sort((a, b) => a.length - b.length || shortest(b) - shortest(a))
    .slice(0, MOST_CLAUSES);
}

function shortest(clause: Clause): number {
  return Math.min(...clause.map((text) => text.length));
}
