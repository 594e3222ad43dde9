import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn } from "../database/columns.ts";
import { termExpression, type FoundTerm } from "./terms.ts";

/** What a word is worth in a path, in a heading and elsewhere. */
const COLUMN_WEIGHTS = "4.0, 2.5, 1.0";

/** Puts knowledge files in order by BM25, as SQLite computes it. */
export class FileScores {
  readonly #best: StatementSync;

  constructor(database: DatabaseSync) {
    this.#best = database.prepare(
      `select rowid as id, bm25(words, ${COLUMN_WEIGHTS}) as score from words where words match ? order by score`,
    );
  }

  /** Ids of files with one of the leading terms, best first, equal ones by rank. All terms count for how good they are. */
  *bestFirst(
    { leading, all }: { leading: readonly FoundTerm[]; all: readonly FoundTerm[] },
    rankOf: (id: number) => number,
  ): Generator<number> {
    let equal: number[] = [];
    let last = Number.NaN;
    const ordered = () => equal.sort((a, b) => rankOf(a) - rankOf(b));
    for (const row of this.#best.iterate(expressionFor(leading, all))) {
      const score = numberIn(row, "score");
      if (score !== last) {
        yield* ordered();
        equal = [];
        last = score;
      }
      equal.push(numberIn(row, "id"));
    }
    yield* ordered();
  }
}

function expressionFor(leading: readonly FoundTerm[], all: readonly FoundTerm[]): string {
  const first = anyOf(leading);
  return leading.length === all.length ? first : `(${first}) AND (${anyOf(all)})`;
}

function anyOf(terms: readonly FoundTerm[]): string {
  return terms.map((term) => termExpression(term)).join(" OR ");
}
