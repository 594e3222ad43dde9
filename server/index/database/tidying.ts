import type { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import { numberIn } from "./columns.ts";

const TABLES = ["words", "grams"] as const;
/** Fewer rows changed: there was nothing to merge. Source: sqlite.org/fts5.html, "The 'merge' Command". */
const LEAST_CHANGES = 2;

/**
 * Makes one piece of each full-text table out of the many that writing left, so that a search looks into one instead of
 * dozens. In small steps, each a transaction of its own: others may read and write between them.
 */
export function* tidied(database: DatabaseSync): Generator<void, void> {
  const changes = database.prepare("select total_changes() as changes");
  const countOf = () => numberIn(changes.get() ?? {}, "changes");
  for (const table of TABLES) {
    const merge = database.prepare(`insert into ${table} (${table}, rank) values ('merge', ?)`);
    // A negative number takes up everything there is, once; after that the same work goes on.
    for (let pages: number = -LIMITS.index.tidyPages; ; pages = LIMITS.index.tidyPages) {
      const before = countOf();
      merge.run(pages);
      if (countOf() - before < LEAST_CHANGES) break;
      yield;
    }
  }
}
