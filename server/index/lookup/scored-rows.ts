import { inBoth, type RowFinder, type RowIds } from "./rows.ts";
import { addScore, unscored, type ScoredRows } from "./scores.ts";
import { rarest, termExpression, type FoundTerm } from "./terms.ts";

/** Rows that are scored, unless the rarest term alone has more. */
const SCORED_ROWS = 1024;

/** What a term adds to a row's score, times what it is worth: wherever it stands, and besides where it has a mark. */
export interface Shares {
  plain: number;
  marks: readonly { mark: string; adds: number }[];
}

/**
 * The rows of the rarest terms, scored by all. Nothing but the terms' own rows and worth tells in it, so that it tells
 * nothing of what is out of scope.
 */
export function scoredRows(
  found: readonly FoundTerm[],
  words: RowFinder,
  { allowed, shares }: { allowed: RowIds | undefined; shares: Shares },
): ScoredRows {
  const leading = rarest(found, SCORED_ROWS).map(({ rows }) => rows);
  const scored = unscored(allowed === undefined ? leading : leading.map((rows) => inBoth(rows, allowed)));
  for (const term of found) {
    if (term.rows.length === 0) continue;
    addScore(scored, term.rows, shares.plain * term.worth);
    for (const { mark, adds } of shares.marks)
      addScore(scored, words.find(termExpression(term, mark)), adds * term.worth);
  }
  return scored;
}
