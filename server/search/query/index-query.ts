import { requiredLiterals } from "../../index/literals/literals.ts";
import { clausesQuery, literalQuery, type RowQuery } from "../../index/lookup/row-query.ts";
import type { IndexKind } from "../../index/database/places.ts";
import type { SearchedTerm } from "../../index/lookup/terms.ts";
import type { Pattern } from "./query.ts";
import type { Filter } from "./filter.ts";
import type { Word } from "../words/words.ts";

/** What a search asks of the index: for lines the newest documents, for a ranked answer the best. */
export type IndexQuery =
  | { kind: "newest"; query: RowQuery }
  | { kind: "best"; terms: readonly SearchedTerm[]; also: readonly RowQuery[] };

/** Undefined when the index cannot help, so that everything has to be read. */
export function indexQueryOf(pattern: Pattern, filter: Filter, of: IndexKind): IndexQuery | undefined {
  if (pattern.mode === "ranked") return bestQuery(pattern, filter, of);
  const query =
    pattern.mode === "literal" ? literalQuery(pattern.needles, of) : regexQuery(pattern.expression);
  return query === undefined ? undefined : { kind: "newest", query };
}

function regexQuery(expression: string): RowQuery | undefined {
  const clauses = requiredLiterals(expression);
  return clauses === undefined ? undefined : clausesQuery(clauses);
}

function bestQuery(
  { words, phrases }: Extract<Pattern, { mode: "ranked" }>,
  { files }: Filter,
  of: IndexKind,
): IndexQuery | undefined {
  // Signs are in no index; where they are all there is, texts with them are found by reading.
  if (words.every(({ kind }) => kind === "signs")) return undefined;
  const also = phrases.map(phraseQuery);
  // Turns are looked through for the names of files; knowledge has them in its paths.
  if (of === "sessions" && files !== undefined && files.only.length > 0)
    also.push(clausesQuery([files.only.map(longestPiece)]));
  return { kind: "best", terms: words.map(termOf), also: also.filter((query) => query !== undefined) };
}

/** Blanks of a phrase stand for any. */
function phraseQuery(phrase: string): RowQuery | undefined {
  return clausesQuery(phrase.split(/\s+/).map((piece) => [piece]));
}

/** What stands in any text that names such a file, whichever way folders are divided in it. */
function longestPiece(name: string): string {
  const pieces = name.split(/[*/\s]+/);
  return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), "");
}

function termOf({ text, kind, weight }: Word): SearchedTerm {
  return { term: text, isBeginning: kind === "beginning", weight };
}
