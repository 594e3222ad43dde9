import type { KnowledgeQuery } from "../../contract/search.ts";
import type { Budget } from "./budget.ts";
import type { Candidates } from "./candidates.ts";
import type { FoundLine } from "./job.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page, type Answer } from "./page.ts";
import {
  decodeOffset,
  decodePosition,
  encodeOffset,
  encodePosition,
  type Filter,
  type Pattern,
} from "./query.ts";
import type { Ranked } from "./ranked.ts";
import { assertRegex } from "./ripgrep.ts";
import { searchSummaries } from "./summaries.ts";
import { targetsFrom, type Target } from "./target.ts";
import type { Word } from "./words.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A search of one kind of documents. */
export interface Asked<T extends Target, Hit> {
  /** Keeps the cursors of one kind away from another. */
  kind: "knowledge" | "sessions";
  /** One document, as people call it. */
  noun: "file" | "session";
  query: KnowledgeQuery;
  pattern: Pattern;
  filter: Filter;
  pool: WorkerPool;
  budget: Budget;
  /** How much a document's whole content counts beside its best passage, where the best come first. */
  coverage: number;
  candidates: () => Promise<Candidates<T>>;
  lineHit: (target: T, line: FoundLine, title: string | undefined) => Hit;
  documentHit: (ranked: Ranked<T>) => Hit;
}

type Outcome<Hit> = Promise<Answer<Hit>>;

/** A page of lines, newest document first, or of documents, best first. Throws `invalid_input` for a bad cursor or expression. */
export async function answer<T extends Target, Hit>(asked: Asked<T, Hit>): Outcome<Hit> {
  const { pattern } = asked;
  return pattern.mode === "ranked" ? best(asked, pattern.words) : lines(asked, pattern);
}

async function lines<T extends Target, Hit>(
  { kind, noun, query, filter, pool, budget, candidates, lineHit }: Asked<T, Hit>,
  pattern: Exclude<Pattern, { mode: "ranked" }>,
): Outcome<Hit> {
  const from = query.cursor === undefined ? undefined : decodePosition(kind, query.cursor);
  if (pattern.mode === "regex") await assertRegex(pattern.source, budget.signal);
  const { targets, unreadable, complete } = await candidates();
  const page = new Page<Hit>(query.limit);
  const { coverage, next } = await searchLines({
    pool,
    targets: targetsFrom(targets, from),
    pattern,
    filter,
    limit: query.limit,
    signal: budget.signal,
    take: (target, line, title) => page.add(lineHit(target, line, title)),
  });
  // Without knowing all documents, nobody knows what comes next.
  const cursor = complete && next !== undefined ? encodePosition(kind, next) : undefined;
  const missing = { missed: coverage.missed, unreadable: coverage.unreadable + unreadable, complete };
  return page.answer(cursor, leftOut(noun, missing, cursor));
}

async function best<T extends Target, Hit>(
  { kind, noun, query, filter, pool, budget, coverage: share, candidates, documentHit }: Asked<T, Hit>,
  words: readonly Word[],
): Outcome<Hit> {
  const offset = query.cursor === undefined ? 0 : decodeOffset(kind, query, query.cursor);
  const { targets, unreadable, complete } = await candidates();
  const { ranking, coverage } = await searchSummaries({
    pool,
    targets: targetsFrom(targets, undefined),
    words,
    filter,
    signal: budget.signal,
    coverage: share,
  });
  const page = new Page<Hit>(query.limit);
  const more = page.addAll(ranking.best().slice(offset).map(documentHit));
  const cursor = more ? encodeOffset(kind, query, offset + page.hits.length) : undefined;
  const missing = {
    missed: coverage.missed,
    unreadable: coverage.unreadable + unreadable,
    complete,
    // The last page says that there would be more.
    lower: more ? 0 : ranking.lower,
  };
  return page.answer(cursor, leftOut(noun, missing, undefined));
}
