import { knowledgeAnchor, overviewAnchor } from "../../contract/anchor.ts";
import { AppError } from "../../contract/errors.ts";
import { showInvisible } from "../../contract/secrets.ts";
import type { KnowledgeAnswer, KnowledgeHit, KnowledgeQuery } from "../../contract/search.ts";
import { LAYOUT } from "../storage/layout.ts";
import type { Budget } from "./budget.ts";
import { findCandidates, type Candidates, type KnowledgeTarget } from "./candidates.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page } from "./page.ts";
import {
  decodeOffset,
  decodePosition,
  encodeOffset,
  encodePosition,
  parseFilter,
  parsePattern,
  type Filter,
  type Pattern,
} from "./query.ts";
import { assertRegex } from "./ripgrep.ts";
import type { Searchable } from "./search.ts";
import { searchSummaries } from "./summaries.ts";
import { targetsFrom } from "./target.ts";
import type { Word } from "./words.ts";
import type { WorkerPool } from "./worker-pool.ts";

const KIND = "knowledge";
/** A knowledge file is about one thing: what it holds anywhere counts as much as its best line. */
const COVERAGE = 1;
const NOT_ALL_FILES =
  "The time was over before all files could be looked at: narrow the search with workspace_id.";

/** Searches knowledge files and overviews: newest file first, or best first. */
export class KnowledgeSearch {
  readonly #root: string;
  readonly #pool: WorkerPool;

  constructor(root: string, pool: WorkerPool) {
    this.#root = root;
    this.#pool = pool;
  }

  async search(
    query: KnowledgeQuery,
    workspaces: readonly Searchable[],
    budget: Budget,
  ): Promise<KnowledgeAnswer> {
    const pattern = parsePattern(query);
    const filter = parseFilter(query);
    const scope: Scope = { workspaceIds: workspaces.map(({ id }) => id), filter, budget };
    if (pattern.mode === "ranked") return this.#best(query, pattern, scope);
    if (pattern.mode === "literal" && /[\r\n]/.test(pattern.needle))
      throw new AppError(
        "invalid_input",
        "query: knowledge is searched line by line, so the text can hold no line break",
        {
          hint: "Search for one of its lines",
        },
      );
    return this.#lines(query, pattern, scope);
  }

  async #lines(
    query: KnowledgeQuery,
    pattern: Exclude<Pattern, { mode: "ranked" }>,
    scope: Scope,
  ): Promise<KnowledgeAnswer> {
    const { filter, budget } = scope;
    const from = query.cursor === undefined ? undefined : decodePosition(KIND, query.cursor);
    if (pattern.mode === "regex") await assertRegex(pattern.source, budget.signal);
    const { targets, complete } = await this.#candidates(pattern, scope);
    const page = new Page<KnowledgeHit>(query.limit);
    const { coverage, next } = await searchLines({
      pool: this.#pool,
      targets: targetsFrom(targets, from),
      pattern,
      filter,
      limit: query.limit,
      signal: budget.signal,
      take: (target, { line, snippet }, title) => page.add(hitOf(target, { line, snippet, title })),
    });
    // Without knowing all files, nobody knows what comes next.
    const cursor = complete && next !== undefined ? encodePosition(KIND, next) : undefined;
    return page.answer(cursor, complete ? leftOut("file", coverage, cursor) : NOT_ALL_FILES);
  }

  async #best(
    query: KnowledgeQuery,
    pattern: { mode: "ranked"; words: Word[] },
    scope: Scope,
  ): Promise<KnowledgeAnswer> {
    const { filter, budget } = scope;
    const offset = query.cursor === undefined ? 0 : decodeOffset(KIND, query, query.cursor);
    const { targets, complete } = await this.#candidates(pattern, scope);
    const { ranked, titles, coverage } = await searchSummaries({
      pool: this.#pool,
      targets: targetsFrom(targets, undefined),
      words: pattern.words,
      filter,
      signal: budget.signal,
      coverage: COVERAGE,
    });
    const page = new Page<KnowledgeHit>(query.limit);
    const hits = ranked.slice(offset).map(({ document, best, score }) => {
      const { line, snippet } = best;
      return hitOf(document, { line, snippet, title: titles.get(document), score });
    });
    const cursor = page.addAll(hits) ? encodeOffset(KIND, query, offset + page.hits.length) : undefined;
    return page.answer(cursor, complete ? leftOut("file", coverage, undefined) : NOT_ALL_FILES);
  }

  #candidates(pattern: Pattern, { workspaceIds, filter, budget }: Scope): Promise<Candidates> {
    return findCandidates({ root: this.#root, pool: this.#pool, workspaceIds, budget }, pattern, filter);
  }
}

interface Scope {
  workspaceIds: readonly string[];
  filter: Filter;
  budget: Budget;
}

function hitOf(
  { workspaceId, path, timeMs }: KnowledgeTarget,
  {
    line,
    snippet,
    title,
    score,
  }: { line: number; snippet: string; title: string | undefined; score?: number },
): KnowledgeHit {
  const anchor =
    path === undefined ? `${overviewAnchor(workspaceId)}#L${line}` : knowledgeAnchor(workspaceId, path, line);
  const name = path ?? LAYOUT.overview;
  return {
    anchor,
    workspace_id: workspaceId,
    path: name,
    line,
    time: new Date(timeMs).toISOString(),
    title: showInvisible(title ?? name),
    snippet,
    ...(score !== undefined && { score }),
  };
}
