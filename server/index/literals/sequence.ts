import type { Unit } from "./unit.ts";

/** Literals of which every match holds at least one. */
export type Clause = readonly string[];

/** What is known of the texts that a part of an expression matches. */
export interface Known {
  /** All of them, when they are few and short. */
  exact?: readonly string[];
  /** What each of them holds. Empty when nothing is known. */
  clauses: readonly Clause[];
  /** What stands, character by character, in each of them. */
  pieces?: readonly (readonly Unit[])[];
  /** All of them are one such character. */
  unit?: Unit | undefined;
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
  readonly #pieces: (readonly Unit[])[] = [];
  #units: Unit[] = [];

  /** Adds a part that stands there `min` to `max` times. */
  add(part: Known, times: { min: number; max: number }): void {
    this.#addUnits(part, times);
    this.#addTexts(part, times);
  }

  /** What is known of the whole. */
  known(): Known {
    this.#endUnits();
    const pieces = this.#pieces;
    if (this.#isExact) return { exact: this.#run, clauses: [], pieces };
    this.#endRun();
    return { clauses: mostTelling(this.#clauses), pieces };
  }

  #addUnits({ unit, exact, pieces = [] }: Known, { min, max }: { min: number; max: number }): void {
    // It only says what is around it.
    if (exact?.length === 1 && exact[0] === "") return;
    const length = unit === undefined ? 0 : Math.min(min, LONGEST_TEXT);
    const units = Array.from({ length }, () => unit).filter((each) => each !== undefined);
    this.#units.push(...units);
    if (unit !== undefined && units.length === max) return;
    this.#endUnits();
    if (unit === undefined && min > 0) this.#pieces.push(...pieces);
    // What follows stands behind the last of them.
    this.#units = units;
  }

  #endUnits(): void {
    if (this.#units.length > 0) this.#pieces.push(this.#units);
    this.#units = [];
  }

  #addTexts(part: Known, { min, max }: { min: number; max: number }): void {
    if (min === 0 && max === 1 && part.exact !== undefined)
      return this.#addOnce({ exact: ["", ...part.exact], clauses: [] });
    // What is the same again and again tells nothing new after a while.
    const times = Math.min(min, part.exact === undefined ? 1 : LONGEST_TEXT);
    for (let time = 0; time < times; time += 1) this.#addOnce(part);
    if (max > times) this.#addOnce(ANYTHING);
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
