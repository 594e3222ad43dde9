import { knowledgeAnchor, overviewAnchor } from "../../contract/anchor.ts";
import { AppError } from "../../contract/errors.ts";
import { showInvisible } from "../../contract/secrets.ts";
import type { KnowledgeAnswer, KnowledgeHit, KnowledgeQuery } from "../../contract/search.ts";
import type { KnowledgeCoverage } from "../index/knowledge-coverage.ts";
import { LAYOUT } from "../storage/layout.ts";
import { answer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import { findCandidates, targetOf, type Area, type KnowledgeTarget } from "./candidates.ts";
import type { IndexHolder } from "./index-holder.ts";
import { indexQueryOf } from "./index-query.ts";
import { Indexed } from "./indexed.ts";
import type { Part } from "./job.ts";
import { understand, type Pattern, type Understood } from "./query.ts";
import type { Searchable } from "./search.ts";
import { Supply } from "./supply.ts";
import type { Trace } from "./trace.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A knowledge file is about one thing: what it holds anywhere counts as much as its best line. */
const COVERAGE = 1;

interface KnowledgeSearchParts {
  root: string;
  pool: WorkerPool;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
}

interface Course {
  budget: Budget;
  trace: Trace;
}

/** Searches knowledge files and overviews: newest file first, or best first. */
export class KnowledgeSearch {
  readonly #parts: KnowledgeSearchParts;

  constructor(parts: KnowledgeSearchParts) {
    this.#parts = parts;
  }

  async search(
    query: KnowledgeQuery,
    workspaces: readonly Searchable[],
    course: Course,
  ): Promise<KnowledgeAnswer> {
    const understood = understand(query, "knowledge");
    assertOneLine(understood.pattern);
    return answer<KnowledgeTarget, KnowledgeHit>({
      kind: "knowledge",
      noun: "file",
      query,
      understood,
      workspaces: workspaces.length,
      pool: this.#parts.pool,
      ...course,
      coverage: COVERAGE,
      supply: this.#supply(
        workspaces.map(({ id }) => id),
        understood,
        course,
      ),
      lineHit: hitOf,
      documentHit: ({ document, best, title, score }) => ({ ...hitOf(document, best, title), score }),
    });
  }

  #supply(
    workspaceIds: readonly string[],
    { pattern, filter }: Understood,
    { budget, trace }: Course,
  ): Supply<KnowledgeTarget> {
    const { root, pool, index } = this.#parts;
    const query = indexQueryOf(pattern, filter, "knowledge");
    const state = query === undefined ? undefined : index?.knowledge(workspaceIds);
    const { signal } = budget;
    const read = (areas: readonly Area[]) =>
      findCandidates({ root, pool, areas, budget, trace }, pattern, filter);
    const everything = workspaceIds.map((workspaceId) => ({ workspaceId }));
    if (index === undefined || query === undefined || state === undefined || state.held.length === 0)
      return new Supply({ indexed: undefined, read: () => read(everything), signal });
    const targetsIn = (part: Part) => targetsOf(part, state);
    const part = { of: "knowledge" as const, query, workspaces: state.held, targetsIn, index };
    const rest = restOf(state);
    return new Supply({
      indexed: new Indexed(part, { pool, filter, signal, trace }),
      read: (what) => read(what === "rest" ? rest : everything),
      signal,
    });
  }
}

/** What an answer of the index names, but for what is other now. */
function targetsOf(part: Part, { generation, changed }: KnowledgeCoverage): KnowledgeTarget[] | undefined {
  if (part.type !== "foundFiles" || part.found.generation !== generation) return undefined;
  const isChanged = new Set(changed.map(({ workspaceId, path = "" }) => `${workspaceId}/${path}`));
  return part.found.answer.found
    .filter(({ workspaceId, path }) => !isChanged.has(`${workspaceId}/${path}`))
    .map((file) => ({
      ...targetOf({ ...file, path: file.path === "" ? undefined : file.path }),
      isIndexed: true,
    }));
}

/** What the index cannot speak for. */
function restOf({ unheld, changed }: KnowledgeCoverage): Area[] {
  const byWorkspace = Map.groupBy(changed, ({ workspaceId }) => workspaceId);
  return [
    ...unheld.map((workspaceId) => ({ workspaceId })),
    ...[...byWorkspace].map(([workspaceId, files]) => ({ workspaceId, only: files.map(({ path }) => path) })),
  ];
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
