import { LIMITS } from "../../../contract/limits.ts";
import type { Why } from "../../../contract/search.ts";
import type { Budget } from "../budget.ts";
import { adviceFor, explainedQuery, whyOf } from "./explain.ts";
import type { FoundLine } from "../scan/job.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page, type Answer, type Missing } from "./page.ts";
import { decodeOffset, decodePosition, encodeOffset, encodePosition } from "../supply/position.ts";
import type { AnyQuery, Pattern, Understood } from "../query/query.ts";
import type { Ranked } from "../ranking/ranked.ts";
import { rarityOf } from "../ranking/rarity.ts";
import { searchSummaries } from "./summaries.ts";
import type { Supply } from "../supply/supply.ts";
import { Coverage, type Target } from "../supply/target.ts";
import type { Trace } from "../trace.ts";
import type { WorkerPool } from "../scan/worker-pool.ts";

/** A search of one kind of documents. */
export interface Asked<T extends Target, Hit> {
  /** Keeps the cursors of one kind away from another. */
  kind: "knowledge" | "sessions";
  /** One document, as people call it. */
  noun: "file" | "session";
  query: AnyQuery;
  understood: Understood;
  /** How many workspaces are searched. */
  workspaces: number;
  pool: WorkerPool;
  budget: Budget;
  trace: Trace;
  /** How much a document's whole content counts beside its best passage, where the best come first. */
  coverage: number;
  supply: Supply<T>;
  lineHit: (target: T, line: FoundLine, title: string | undefined) => Hit;
  documentHit: (ranked: Ranked<T>) => Hit;
}

type Outcome<Hit> = Promise<Answer<Hit & { why?: Why[] }>>;

/** A page of lines, newest document first, or of documents, best first. Throws `invalid_input` for a bad cursor or expression. */
export async function answer<T extends Target, Hit extends object>(asked: Asked<T, Hit>): Outcome<Hit> {
  const { pattern } = asked.understood;
  return pattern.mode === "ranked" ? best(asked, pattern) : lines(asked, pattern);
}

async function lines<T extends Target, Hit extends object>(
  asked: Asked<T, Hit>,
  pattern: Exclude<Pattern, { mode: "ranked" }>,
): Outcome<Hit> {
  const { kind, noun, query, understood, pool, budget, trace, supply } = asked;
  const from = query.cursor === undefined ? undefined : decodePosition(kind, query.cursor);
  const page = pageFor<Hit>(query);
  using leg = trace.leg("reading");
  const { coverage, reached, full } = await searchLines({
    pool,
    batches: supply.newest(from),
    pattern,
    filter: understood.filter,
    limit: query.limit,
    signal: budget.signal,
    take: (target: T, line, title) => page.add(asked.lineHit(target, line, title)),
  });
  leg.candidates = page.hits.length;
  noteDocuments(asked, coverage);
  // What is behind a full page is for the next one.
  const missing = missingOf(supply, full ? new Coverage() : coverage, full ? 0 : supply.left);
  // Without knowing all documents, nobody knows what comes next.
  const goesOn = missing.complete && (full || missing.missed > 0);
  const cursor = goesOn && reached !== undefined ? encodePosition(kind, reached) : undefined;
  return finished(asked, page, cursor, leftOut(noun, missing, cursor));
}

async function best<T extends Target, Hit extends object>(
  asked: Asked<T, Hit>,
  pattern: Extract<Pattern, { mode: "ranked" }>,
): Outcome<Hit> {
  const { kind, noun, query, trace, supply } = asked;
  const offset = query.cursor === undefined ? 0 : decodeOffset(kind, query, query.cursor);
  const { ranked, coverage, lower } = await rankedFrom(asked, pattern, offset + query.limit);
  noteDocuments(asked, coverage);
  using leg = trace.leg("ranking");
  const page = pageFor<Hit & { why?: Why[] }>(query);
  const more = page.addAll(
    ranked.slice(offset).map((each) => ({
      ...asked.documentHit(each),
      ...(query.explain && { why: whyOf(pattern.words, each) }),
    })),
  );
  leg.candidates = page.hits.length;
  const cursor = more ? encodeOffset(kind, query, offset + page.hits.length) : undefined;
  // The last page says that there would be more.
  const missing = { ...missingOf(supply, coverage), lower: more ? 0 : lower };
  return finished(asked, page, cursor, leftOut(noun, missing, undefined));
}

/** Documents best first, more than `needed` if there are more. */
async function rankedFrom<T extends Target, Hit>(
  asked: Asked<T, Hit>,
  pattern: Extract<Pattern, { mode: "ranked" }>,
  needed: number,
): Promise<{ ranked: Ranked<T>[]; coverage: Coverage; lower: number }> {
  const { supply, understood, pool, budget, trace, coverage: share } = asked;
  const coverage = new Coverage();
  const ranked: Ranked<T>[] = [];
  let lower = 0;
  for await (const { targets, figures } of supply.tiers()) {
    using leg = trace.leg("reading");
    const rarity = figures === undefined ? undefined : rarityOf(figures);
    const { filter } = understood;
    const ranking = await searchSummaries(
      { pool, targets, pattern, filter, rarity, signal: budget.signal, share },
      coverage,
    );
    leg.candidates = ranking.documents;
    ranked.push(...ranking.best());
    lower += ranking.lower;
    if (ranked.length > needed || coverage.missed > 0) break;
  }
  return { ranked, coverage, lower: lower + supply.left };
}

function noteDocuments<T extends Target, Hit>(
  { trace: { documents }, supply: { read, indexedDocuments } }: Asked<T, Hit>,
  { scanned }: Coverage,
): void {
  documents.indexed += indexedDocuments;
  documents.scanned += scanned + read.passed;
  documents.skipped += read.targets.length - scanned + read.unreadable;
}

function missingOf<T extends Target>({ read }: Supply<T>, coverage: Coverage, left = 0): Missing {
  const { unreadable, complete } = read;
  return { missed: coverage.missed + left, unreadable: coverage.unreadable + unreadable, complete };
}

/** Of an answer with an explanation, that takes its part of the room. */
const EXPLAINED_BYTES =
  LIMITS.answer.defaultBytes - 2 * LIMITS.answer.cursorBytes - LIMITS.search.explainBytes;

function pageFor<Hit>({ limit, explain }: AnyQuery): Page<Hit> {
  return new Page(limit, explain ? EXPLAINED_BYTES : undefined);
}

function finished<T extends Target, Hit, Shown>(
  { query, understood, workspaces, trace }: Asked<T, Hit>,
  page: Page<Shown>,
  cursor: string | undefined,
  missing: readonly string[],
): Answer<Shown> {
  const isNothing = page.hits.length === 0 && missing.length === 0 && query.cursor === undefined;
  return page.answer({
    cursor,
    missing,
    advice: isNothing ? adviceFor(query, understood, workspaces) : [],
    explain: query.explain
      ? trace.explain({ query: explainedQuery(query, understood), not_searched: [...missing] })
      : undefined,
  });
}
