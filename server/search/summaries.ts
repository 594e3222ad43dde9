import type { Filter } from "./query.ts";
import { Ranking } from "./ranked.ts";
import { Coverage, partsOf, type Target } from "./target.ts";
import type { Word } from "./words.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** Looks into every document and puts those with any of the words in order. */
interface SummarySearch<T extends Target> {
  pool: WorkerPool;
  /** Newest first: what the time does not suffice for is old. */
  targets: readonly T[];
  words: readonly Word[];
  filter: Filter;
  signal: AbortSignal;
  /** How much a document's whole content counts beside its best passage. */
  coverage: number;
}

/** Ranks what could be searched in time. */
export async function searchSummaries<T extends Target>(
  search: SummarySearch<T>,
): Promise<{ ranking: Ranking<T>; coverage: Coverage }> {
  const { targets, words } = search;
  const ranking = new Ranking<T>(words.length, search);
  const coverage = new Coverage(targets.length);
  // A document's title comes before its summary.
  let titled: { target: T; title: string } | undefined;
  for await (const { target, part } of partsOf(targets, { ...search, task: { kind: "ranked", words } })) {
    coverage.note(part);
    if (part.type === "title") titled = { target, title: part.title };
    if (part.type !== "summary") continue;
    const title = titled?.target === target ? titled.title : undefined;
    ranking.add({ document: target, title, summary: part.summary });
  }
  return { ranking, coverage };
}
