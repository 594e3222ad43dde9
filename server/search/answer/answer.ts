import { LIMITS } from "../../../contract/limits.ts";
import type { Why } from "../../../contract/search.ts";
import type { IndexKind } from "../../index/database/places.ts";
import type { Course } from "../course/course.ts";
import { adviceFor, explainedQuery, ignoredIn, whyOf } from "./explain.ts";
import type { FoundLine } from "../scan/job.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page, type Answer, type Missing } from "./page.ts";
import { decodeOffset, decodePosition, encodeOffset, encodePosition } from "./cursors.ts";
import type { AnyQuery, Pattern, Understood } from "../query/query.ts";
import type { Ranked } from "../ranking/ranked.ts";
import { rarityOf } from "../ranking/rarity.ts";
import { searchSummaries } from "./summaries.ts";
import type { Supply } from "../supply/supply.ts";
import { SearchTotals, type Target } from "../supply/target.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

/** A search of one kind of documents. */
export interface Asked<T extends Target, Hit> extends Course {
  /** Keeps the cursors of one kind away from another. */
  kind: IndexKind;
  query: AnyQuery;
  understood: Understood;
  /** How many workspaces are searched. */
  workspaces: number;
  pool: WorkerPool;
  /** How much a document's whole content counts beside its best passage, where the best come first. */
  wholeShare: number;
  supply: Supply<T>;
  /** Is told of every document that could not be read. */
  unreadable?: (target: T) => void;
  lineHit: (target: T, line: FoundLine, title: string | undefined) => Hit;
  documentHit: (ranked: Ranked<T>) => Hit;
}

/** One document, as people call it. */
const NOUNS: Record<IndexKind, string> = { knowledge: "file", sessions: "session" };

/** A page of lines, newest document first, or of documents, best first. Throws `invalid_input` for a bad cursor or expression. */
export async function answer<T extends Target, Hit extends object>(
  asked: Asked<T, Hit>,
): Promise<Answer<Hit & { why?: Why[] }>> {
  const { pattern } = asked.understood;
  return pattern.mode === "ranked" ? best(asked, pattern) : lines(asked, pattern);
}

async function lines<T extends Target, Hit extends object>(
  asked: Asked<T, Hit>,
  pattern: Exclude<Pattern, { mode: "ranked" }>,
): Promise<Answer<Hit>> {
  const { kind, query, understood, pool, budget, trace, supply } = asked;
  const from = query.cursor === undefined ? undefined : decodePosition(kind, query, query.cursor);
  const page = pageFor<Hit>(query);
  using leg = trace.leg("reading");
  const { totals, reached, isFull } = await searchLines({
    pool,
    batches: supply.newest(from),
    pattern,
    filter: understood.filter,
    limit: query.limit,
    signal: budget.signal,
    take: (target: T, line, title) => page.add(asked.lineHit(target, line, title)),
  });
  leg.candidates = page.hits.length;
  noteDocuments(asked, totals);
  // What is behind a full page is for the next one.
  const missing = missingOf(supply, isFull ? new SearchTotals<T>() : totals, isFull ? 0 : supply.left);
  // Without knowing all documents, nobody knows what comes next.
  const goesOn = missing.isComplete && (isFull || missing.missed > 0);
  const cursor = goesOn && reached !== undefined ? encodePosition(kind, query, reached) : undefined;
  return finished(asked, page, cursor, leftOut(NOUNS[kind], missing, cursor));
}

async function best<T extends Target, Hit extends object>(
  asked: Asked<T, Hit>,
  pattern: Extract<Pattern, { mode: "ranked" }>,
): Promise<Answer<Hit & { why?: Why[] }>> {
  const { kind, query, trace, supply } = asked;
  const offset = query.cursor === undefined ? 0 : decodeOffset(kind, query, query.cursor);
  const { ranked, totals, lower } = await rankedFrom(asked, pattern, offset + query.limit);
  noteDocuments(asked, totals);
  using leg = trace.leg("ranking");
  const page = pageFor<Hit & { why?: Why[] }>(query);
  const more = page.addAll(hitsOf(ranked.slice(offset), asked, pattern));
  leg.candidates = page.hits.length;
  const cursor = more ? encodeOffset(kind, query, offset + page.hits.length) : undefined;
  // The last page says that there would be more.
  const missing = { ...missingOf(supply, totals), lower: more ? 0 : lower };
  return finished(asked, page, cursor, leftOut(NOUNS[kind], missing, undefined));
}

/** Made one by one: most are for later pages, which may never be asked for. */
function* hitsOf<T extends Target, Hit>(
  ranked: readonly Ranked<T>[],
  { documentHit, query }: Asked<T, Hit>,
  { words }: Extract<Pattern, { mode: "ranked" }>,
): Generator<Hit & { why?: Why[] }> {
  for (const each of ranked)
    yield { ...documentHit(each), ...(query.explain && { why: whyOf(words, each) }) };
}

/** Documents best first, more than `needed` if there are more. */
async function rankedFrom<T extends Target, Hit>(
  asked: Asked<T, Hit>,
  pattern: Extract<Pattern, { mode: "ranked" }>,
  needed: number,
): Promise<{ ranked: Ranked<T>[]; totals: SearchTotals<T>; lower: number }> {
  const { supply, understood, pool, budget, trace, wholeShare } = asked;
  const totals = new SearchTotals<T>();
  const ranked: Ranked<T>[] = [];
  let lower = 0;
  for await (const { targets, figures } of supply.tiers()) {
    using leg = trace.leg("reading");
    const rarity = figures === undefined ? undefined : rarityOf(figures);
    const { filter } = understood;
    const ranking = await searchSummaries(
      { pool, targets, pattern, filter, rarity, signal: budget.signal, wholeShare },
      totals,
    );
    leg.candidates = ranking.documents;
    ranked.push(...ranking.best());
    lower += ranking.lower;
    if (ranked.length > needed || totals.missed > 0) break;
  }
  return { ranked, totals, lower: lower + supply.left };
}

function noteDocuments<T extends Target, Hit>(
  { trace: { documents }, supply: { read, indexedDocuments }, ...asked }: Asked<T, Hit>,
  { scanned, unreadable }: SearchTotals<T>,
): void {
  for (const target of unreadable) asked.unreadable?.(target);
  documents.indexed += indexedDocuments;
  documents.scanned += scanned + read.passed;
  documents.skipped += read.targets.length - scanned + read.unreadable;
}

function missingOf<T extends Target>({ read }: Supply<T>, totals: SearchTotals<T>, left = 0): Missing {
  const { unreadable, isComplete } = read;
  return { missed: totals.missed + left, unreadable: totals.unreadable.length + unreadable, isComplete };
}

/** Of an answer with an explanation, that takes its part of the room. */
const EXPLAINED_BYTES =
  LIMITS.answer.defaultBytes - 2 * LIMITS.answer.cursorBytes - LIMITS.search.explainBytes;

function pageFor<Hit>({ limit, explain }: AnyQuery): Page<Hit> {
  return new Page(limit, explain ? EXPLAINED_BYTES : undefined);
}

function finished<T extends Target, Hit, AnyHit>(
  { query, understood, workspaces, trace }: Asked<T, Hit>,
  page: Page<AnyHit>,
  cursor: string | undefined,
  missing: readonly string[],
): Answer<AnyHit> {
  const isNothing = page.hits.length === 0 && missing.length === 0 && query.cursor === undefined;
  return page.answer({
    cursor,
    missing,
    advice: [...ignoredIn(query), ...(isNothing ? adviceFor(query, understood, workspaces) : [])],
    explain: query.explain
      ? trace.explain({ query: explainedQuery(query, understood), not_searched: [...missing] })
      : undefined,
  });
}
