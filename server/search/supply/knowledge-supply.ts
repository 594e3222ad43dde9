import type { KnowledgeCoverage } from "../../index/coverage/held-knowledge.ts";
import type { Course } from "../course/course.ts";
import { findCandidates, targetOf, type Area, type KnowledgeTarget } from "./candidates.ts";
import type { IndexHolder } from "./index-holder.ts";
import { indexQueryOf } from "../query/index-query.ts";
import { Indexed } from "./indexed.ts";
import type { LiteralTask, Part } from "../scan/job.ts";
import type { Understood } from "../query/query.ts";
import { Supply } from "./supply.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

interface KnowledgeSupplyParts extends Course {
  root: string;
  pool: WorkerPool;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
  workspaceIds: readonly string[];
  understood: Understood;
  /** How many lines are looked for. */
  want: number;
}

/** The knowledge files and overviews that a search has to read. */
export function knowledgeSupply(parts: KnowledgeSupplyParts): Supply<KnowledgeTarget> {
  const { workspaceIds, understood, budget } = parts;
  const { pattern, filter } = understood;
  const read = (areas: readonly Area[]) => findCandidates({ ...parts, areas }, pattern, filter);
  const everything = workspaceIds.map((workspaceId) => ({ workspaceId }));
  const { indexed, rest } = indexedPart(parts) ?? { indexed: undefined, rest: everything };
  return new Supply({
    indexed,
    read: (what) => read(what === "rest" ? rest : everything),
    signal: budget.signal,
  });
}

/** What the index may be asked for, and what it cannot speak for; undefined when it is of no use. */
function indexedPart({
  pool,
  index,
  workspaceIds,
  understood: { pattern, filter },
  want,
  budget: { signal },
  trace,
}: KnowledgeSupplyParts): { indexed: Indexed<KnowledgeTarget>; rest: Area[] } | undefined {
  const query = index && indexQueryOf(pattern, filter, "knowledge");
  if (index === undefined || query === undefined) return undefined;
  const coverage = index.knowledge(workspaceIds);
  if (coverage.held.length === 0) return undefined;
  const targetsIn = (part: Part) => targetsOf(part, coverage);
  const read: LiteralTask | undefined =
    pattern.mode === "literal"
      ? { kind: "literal", needles: pattern.needles, exact: pattern.exact, want }
      : undefined;
  const part = { of: "knowledge" as const, query, workspaces: coverage.held, targetsIn, read, index };
  return { indexed: new Indexed(part, { pool, filter, signal, trace }), rest: restOf(coverage) };
}

/** What an answer of the index names, but for what is other now. Undefined for an answer of another index. */
function targetsOf(part: Part, { generation, changed }: KnowledgeCoverage): KnowledgeTarget[] | undefined {
  if (part.type !== "foundFiles" || part.found.generation !== generation) return undefined;
  const targets = part.found.answer.found.map((file, index) => ({
    ...targetOf({ ...file, path: file.path === "" ? undefined : file.path }),
    isIndexed: true,
    said: part.said[index],
  }));
  if (changed.length === 0) return targets;
  const isChanged = new Set(changed.map(({ workspaceId, path = "" }) => `${workspaceId}/${path}`));
  return targets.filter(({ workspaceId, path = "" }) => !isChanged.has(`${workspaceId}/${path}`));
}

function restOf({ unheld, changed }: KnowledgeCoverage): Area[] {
  const byWorkspace = Map.groupBy(changed, ({ workspaceId }) => workspaceId);
  return [
    ...unheld.map((workspaceId) => ({ workspaceId })),
    ...[...byWorkspace].map(([workspaceId, files]) => ({
      workspaceId,
      only: files.map(({ path }) => path),
    })),
  ];
}
