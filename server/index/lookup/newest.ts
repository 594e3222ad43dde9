import type { Documents, Among } from "./documents.ts";
import type { RowQuery } from "./row-query.ts";
import { inBoth, NO_ROWS, type RowFinder, type RowIds } from "./rows.ts";
import type { Place } from "../order.ts";

/** Asks for the newest documents whose rows a query matches: from a place on, at most so many. */
export interface NewestRequest {
  query: RowQuery;
  among: Among;
  from: Place | undefined;
  take: number;
}

/** What was found, newest first. */
export interface Newest<T> {
  found: T[];
  /** Where to go on; undefined when there is no more. */
  next: Place | undefined;
  /** Documents that the query matches, from the place on. */
  candidates: number;
  /** All documents that it looked among. */
  documents: number;
}

/** More rows than these are worth a second table to be fewer. */
const MANY_ROWS = 32;

/** The two full-text tables of one database. */
export interface Finders {
  words: RowFinder;
  grams: RowFinder;
}

/**
 * Rows that may hold what is looked for, of those that count; none that holds it is missing. Others do not decide which
 * ones are given either.
 */
export function rowsFor(
  { grams, words }: RowQuery,
  finders: Finders,
  counts: (row: number) => boolean,
): RowIds {
  if (grams === undefined) return words === undefined ? NO_ROWS : finders.words.find(words).filter(counts);
  const rows = finders.grams.find(grams).filter(counts);
  const isFew = words === undefined || rows.length <= MANY_ROWS;
  return isFew ? rows : inBoth(rows, finders.words.find(words));
}

/** Rows that match every query; undefined for all rows, where there is no query. */
export function rowsForAll(
  queries: readonly RowQuery[],
  finders: Finders,
  counts: (row: number) => boolean,
): RowIds | undefined {
  const [first, ...others] = queries.map((query) => rowsFor(query, finders, counts));
  return first === undefined ? undefined : others.reduce(inBoth, first);
}

/** Ranks of the documents that the rows belong to, from the place on, newest first, each once. */
export function ranksOf(
  rows: RowIds,
  documents: Documents,
  { from, documentOf }: { from: Place | undefined; documentOf: (row: number) => number },
): Int32Array {
  const firstRank = from === undefined ? 0 : documents.rankFrom(from);
  const ranks = new Int32Array(rows.length);
  let [count, last] = [0, -1];
  for (const row of rows) {
    const id = documentOf(row);
    if (id === last) continue;
    last = id;
    const rank = documents.rankOf(id);
    if (rank < firstRank) continue;
    ranks[count] = rank;
    count += 1;
  }
  return ranks.subarray(0, count).sort();
}

/** The first documents of the ranks that come to something, until `isEnough` says so of one, and where to go on. */
export function firstOf<T>(
  ranks: Int32Array,
  documents: Documents,
  {
    take,
    look,
    isEnough = () => false,
  }: { take: number; look: (id: number) => T | undefined; isEnough?: ((found: T) => boolean) | undefined },
): { found: T[]; next: Place | undefined } {
  const found: T[] = [];
  let isOver = false;
  for (const rank of ranks) {
    const id = documents.withRank(rank);
    if (isOver || found.length === take) return { found, next: documents.placeOf(id) };
    const seen = look(id);
    if (seen === undefined) continue;
    found.push(seen);
    isOver = isEnough(seen);
  }
  return { found, next: undefined };
}
