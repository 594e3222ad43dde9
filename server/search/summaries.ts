import type { Filter } from "./query.ts";
import { rank, type Ranked } from "./ranked.ts";
import type { Summary } from "./summarizer.ts";
import { Coverage, partsOf, type Target } from "./target.ts";
import type { Word } from "./words.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** Looks into every document and puts those with any of the words in order. */
export interface SummarySearch<T extends Target> {
  pool: WorkerPool;
  /** Newest first: what the time does not suffice for is old. */
  targets: readonly T[];
  words: Word[];
  filter: Filter;
  signal: AbortSignal;
  /** How much a document's whole content counts beside its best passage. */
  coverage: number;
}

export interface RankedDocuments<T extends Target> {
  ranked: Ranked<T>[];
  titles: Map<T, string>;
  coverage: Coverage;
}

/** Gives the best of what could be searched in time, best first. */
export async function searchSummaries<T extends Target>(
  search: SummarySearch<T>,
): Promise<RankedDocuments<T>> {
  const { targets, words } = search;
  const found: { document: T; summary: Summary }[] = [];
  const titles = new Map<T, string>();
  const coverage = new Coverage(targets.length);
  for await (const { target, part } of partsOf(targets, { ...search, task: { kind: "ranked", words } })) {
    if (part.type === "summary") found.push({ document: target, summary: part.summary });
    if (part.type === "title") titles.set(target, part.title);
    coverage.note(part);
  }
  return { ranked: rank(found, search.coverage), titles, coverage };
}
