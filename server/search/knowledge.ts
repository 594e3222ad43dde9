import { knowledgeAnchor, overviewAnchor } from "../../contract/anchor.ts";
import { AppError } from "../../contract/errors.ts";
import { showInvisible } from "../../contract/secrets.ts";
import type { KnowledgeAnswer, KnowledgeHit, KnowledgeQuery } from "../../contract/search.ts";
import { LAYOUT } from "../storage/layout.ts";
import { answer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import { findCandidates, type KnowledgeTarget } from "./candidates.ts";
import { parseFilter, parsePattern, type Pattern } from "./query.ts";
import type { Searchable } from "./search.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A knowledge file is about one thing: what it holds anywhere counts as much as its best line. */
const COVERAGE = 1;

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
    assertOneLine(pattern);
    const pool = this.#pool;
    const where = { root: this.#root, pool, workspaceIds: workspaces.map(({ id }) => id), budget };
    return answer<KnowledgeTarget, KnowledgeHit>({
      kind: "knowledge",
      noun: "file",
      query,
      pattern,
      filter,
      pool,
      budget,
      coverage: COVERAGE,
      candidates: () => findCandidates(where, pattern, filter),
      lineHit: hitOf,
      documentHit: ({ document, best, title, score }) => ({ ...hitOf(document, best, title), score }),
    });
  }
}

function assertOneLine(pattern: Pattern): void {
  if (pattern.mode !== "literal" || !/[\r\n]/.test(pattern.needle)) return;
  throw new AppError(
    "invalid_input",
    "query: knowledge is searched line by line, so the text can hold no line break",
    {
      hint: "Search for one of its lines",
    },
  );
}

function hitOf(
  { workspaceId, path, timeMs }: KnowledgeTarget,
  { line, snippet }: { line: number; snippet: string },
  title: string | undefined,
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
  };
}
