import type { Among } from "./documents.ts";
import type { RowQuery } from "./row-query.ts";
import type { Figures, SearchedTerm } from "./terms.ts";

/** Asks for the documents that the terms fit best. */
export interface BestRequest {
  terms: readonly SearchedTerm[];
  /** What rows have to match besides. */
  also: readonly RowQuery[];
  among: Among;
  /** What comes first is not wanted: it was asked for before. */
  skip: number;
  take: number;
}

/** What fits best, best first. */
export interface Best<T> {
  found: T[];
  figures: Figures;
  /** Whether there is more. */
  more: boolean;
  /** Documents that hold one of the terms. */
  candidates: number;
  /** All documents that it looked among. */
  documents: number;
}
