import { knowledgeAnchor, overviewAnchor } from "../../contract/anchor.ts";
import { AppError } from "../../contract/errors.ts";
import { showInvisible } from "../../contract/secrets.ts";
import type { KnowledgeAnswer, KnowledgeHit, KnowledgeQuery } from "../../contract/search.ts";
import { LAYOUT } from "../storage/layout.ts";
import { answer } from "./answer/answer.ts";
import type { Course } from "./course/course.ts";
import type { KnowledgeTarget } from "./supply/candidates.ts";
import type { IndexHolder } from "./supply/index-holder.ts";
import { knowledgeSupply } from "./supply/knowledge-supply.ts";
import { understand, type Pattern } from "./query/query.ts";
import type { Searchable } from "./search.ts";
import { WEIGHTS } from "./words/weights.ts";
import type { WorkerPool } from "./pool/worker-pool.ts";

interface KnowledgeSearchParts {
  root: string;
  pool: WorkerPool;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
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
    const workspaceIds = workspaces.map(({ id }) => id);
    return answer<KnowledgeTarget, KnowledgeHit>({
      kind: "knowledge",
      query,
      understood,
      workspaces: workspaces.length,
      pool: this.#parts.pool,
      ...course,
      wholeShare: WEIGHTS.wholeShare.knowledge,
      supply: knowledgeSupply({
        ...this.#parts,
        workspaceIds,
        understood,
        want: query.limit + 1,
        ...course,
      }),
      lineHit: hitOf,
      documentHit: ({ document, best, title, score }) => ({ ...hitOf(document, best, title), score }),
    });
  }
}

function assertOneLine(pattern: Pattern): void {
  if (pattern.mode !== "literal" || !pattern.needles.some((needle) => /[\r\n]/.test(needle))) return;
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
