import { quoted } from "../text/grams.ts";
import type { RowFinder, RowIds } from "./rows.ts";

/** A word of a ranked search as the index knows it. */
export interface SearchedTerm {
  /** A term; with `isBeginning` whatever begins like it. */
  term: string;
  isBeginning: boolean;
  /** How much it tells beside its being rare. */
  weight: number;
}

/** How rare the terms are where a search may look. */
export interface Figures {
  /** Files, or passages of archives. */
  passages: number;
  /** Of each term, in how many it stands. */
  holding: number[];
}

/** A term with the rows that it stands in. */
export interface FoundTerm extends SearchedTerm {
  rows: RowIds;
  /** What it adds to the score of a row. */
  worth: number;
}

/** An FTS5 expression for rows with the term. */
export function termExpression({ term, isBeginning }: SearchedTerm, mark = ""): string {
  return `${quoted(`${mark}${term}`)}${isBeginning ? "*" : ""}`;
}

/** Where the terms stand among the rows that count, of which there are `all`. */
export function findTerms(
  terms: readonly SearchedTerm[],
  words: RowFinder,
  { all, counts }: { all: number; counts: (row: number) => boolean },
): FoundTerm[] {
  return terms.map((term) => {
    const rows = words.find(termExpression(term)).filter(counts);
    return { ...term, rows, worth: term.weight * Math.log(1 + all / Math.max(1, rows.length)) };
  });
}

/** How many there are to look at, and how many hold each term. */
export function figuresOf(passages: number, found: readonly FoundTerm[]): Figures {
  return { passages, holding: found.map(({ rows }) => rows.length) };
}

/**
 * The rarest of the terms, so many that together they stand in `enough` rows: to score the rows of the others too would
 * take long and change little.
 */
export function rarest(found: readonly FoundTerm[], enough: number): FoundTerm[] {
  const ordered = found.filter(({ rows }) => rows.length > 0).sort((a, b) => a.rows.length - b.rows.length);
  let rows = 0;
  return ordered.filter((term) => {
    const isNeeded = rows < enough;
    rows += term.rows.length;
    return isNeeded;
  });
}
