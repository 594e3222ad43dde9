import type { Pattern } from "../query/query.ts";
import type { Filter } from "../query/filter.ts";
import { Ranking } from "../ranking/ranked.ts";
import { partsOf, type SearchTotals, type Target } from "../supply/target.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

/** Looks into every document and puts those with any of the words that meet the conditions in order. */
interface SummarySearch<T extends Target> {
  pool: WorkerPool;
  /** Newest first: what the time does not suffice for is old. */
  targets: readonly T[];
  pattern: Extract<Pattern, { mode: "ranked" }>;
  filter: Filter;
  signal: AbortSignal;
  /** For every word how much it tells, if that is known before. */
  rarity: readonly number[] | undefined;
  /** How much a document's whole content counts beside its best passage. */
  wholeShare: number;
}

/** Ranks what can be searched in time. */
export async function searchSummaries<T extends Target>(
  search: SummarySearch<T>,
  totals: SearchTotals<T>,
): Promise<Ranking<T>> {
  const { targets, pattern, rarity, wholeShare } = search;
  const { words, phrases, excluded } = pattern;
  const task = { kind: "ranked" as const, words, phrases, excluded, rarity };
  const ranking = new Ranking<T>(words.length, { wholeShare, rarity });
  totals.expect(targets.length);
  // A document's title comes before its summary.
  let titled: { target: T; title: string } | undefined;
  for await (const said of partsOf(targets, { ...search, task }))
    for (const { target, part } of said) {
      totals.note(target, part);
      if (part.type === "title") titled = { target, title: part.title };
      if (part.type !== "summary") continue;
      const title = titled?.target === target ? titled.title : undefined;
      ranking.add({ document: target, title, summary: part.summary });
    }
  return ranking;
}
