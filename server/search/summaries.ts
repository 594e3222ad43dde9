import type { Budget } from "./budget.ts";
import { END } from "./job.ts";
import type { Filter } from "./query.ts";
import { rank, type Ranked, type Summary } from "./ranked.ts";
import { jobsOf, type Coverage, type Target } from "./target.ts";
import type { Word } from "./words.ts";
import { inOrder, type WorkerPool } from "./worker-pool.ts";

/** Looks into every document and puts those with any of the words in order, best first. */
export interface SummarySearch<T extends Target> {
  pool: WorkerPool;
  targets: readonly T[];
  words: Word[];
  filter: Filter;
  budget: Budget;
  /** How much a document's whole content counts beside its best passage. */
  coverage: number;
}

/** Throws nothing for what it could not do in time: the answer is the best of what was searched. */
export async function searchSummaries<T extends Target>(
  search: SummarySearch<T>,
): Promise<Coverage & { ranked: Ranked<T>[]; titles: Map<T, string> }> {
  const { pool, targets, words, filter, budget } = search;
  const jobs = jobsOf(targets, { kind: "ranked", words }, filter);
  const first = new Map(jobs.map(({ job, first }) => [job, first]));
  const found: { document: T; summary: Summary }[] = [];
  const titles = new Map<T, string>();
  const covered = { missed: targets.length, unreadable: 0 };
  const all = jobs.map(({ job }) => job);
  for await (const { job, part } of inOrder(pool, all, budget.signal)) {
    const document = targets[(first.get(job) ?? 0) + part.source];
    if (document === undefined) continue;
    if (part.type === "summary") found.push({ document, summary: part.summary });
    if (part.type === "title") titles.set(document, part.title);
    if (part.type === "unreadable") covered.unreadable += 1;
    if (part.type === "unreadable" || (part.type === "reached" && part.line === END)) covered.missed -= 1;
  }
  return { ...covered, ranked: rank(found, search.coverage), titles };
}
