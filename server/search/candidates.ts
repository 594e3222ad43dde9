import { LAYOUT } from "../storage/layout.ts";
import { KnowledgePath } from "../../contract/knowledge-path.ts";
import type { Budget } from "./budget.ts";
import type { Source } from "./job.ts";
import { documentKey, inWindow, type Filter, type Pattern } from "./query.ts";
import { filesWithMatch, type Grep } from "./ripgrep.ts";
import { partsOf, type Target } from "./target.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A knowledge file, or without a path the overview, that may hold what is looked for. */
export interface KnowledgeTarget extends Target {
  workspaceId: string;
  path: string | undefined;
}

/** Files one search looks at. More of them than fit in the time: the rest is left out and said to be. */
const MOST_FILES = 200_000;

export interface Candidates {
  targets: KnowledgeTarget[];
  /** False when the time or the number of files did not suffice to look at all of them. */
  complete: boolean;
}

/**
 * Files of these workspaces that ripgrep finds something in. It sees the text unmasked, so this is only where to look:
 * what counts is what the worker then finds in the masked text, opened without following links.
 */
export async function findCandidates(
  where: { root: string; pool: WorkerPool; workspaceIds: readonly string[]; budget: Budget },
  pattern: Pattern,
  filter: Filter,
): Promise<Candidates> {
  const { root, budget, workspaceIds } = where;
  const paths = workspaceIds.flatMap((id) => [
    `${LAYOUT.workspaces}/${id}/${LAYOUT.knowledge}`,
    `${LAYOUT.workspaces}/${id}/${LAYOUT.overview}`,
  ]);
  const found: KnowledgeTarget[] = [];
  for await (const name of filesWithMatch(grepFor(pattern), { root, paths, signal: budget.signal })) {
    const target = targetOf(name);
    if (target !== undefined) found.push(target);
    if (found.length >= MOST_FILES) break;
  }
  const cut = budget.over || found.length >= MOST_FILES;
  const targets = await withTimes(where, found, filter);
  return { targets, complete: !cut && !budget.over };
}

function grepFor(pattern: Pattern): Grep {
  if (pattern.mode === "regex") return { kind: "regex", patterns: [pattern.source] };
  const patterns = pattern.mode === "literal" ? [pattern.needle] : pattern.words.map(({ text }) => text);
  return { kind: "fixed", patterns };
}

/** `workspaces/<id>/overview.md` or `workspaces/<id>/knowledge/<path>`; undefined for a name that no store has made. */
function targetOf(name: string): KnowledgeTarget | undefined {
  const [, workspaceId, folder, ...rest] = name.split("/");
  if (workspaceId === undefined) return undefined;
  const path = folder === LAYOUT.overview && rest.length === 0 ? undefined : rest.join("/");
  if (path !== undefined && !isCanonical(path)) return undefined;
  const source: Source = { kind: "knowledge", workspaceId, path, fromLine: 1 };
  const key = documentKey(workspaceId, path === undefined ? "" : path);
  return { source, workspaceId, path, key, timeMs: 0, sizeBytes: 0 };
}

function isCanonical(path: string): boolean {
  const parsed = KnowledgePath.safeParse(path);
  return parsed.success && parsed.data === path;
}

/** The same files with time and size, without those outside of the time asked for. */
async function withTimes(
  { pool, budget }: { pool: WorkerPool; budget: Budget },
  targets: readonly KnowledgeTarget[],
  filter: Filter,
): Promise<KnowledgeTarget[]> {
  const timed: KnowledgeTarget[] = [];
  const looking = { task: { kind: "modified" as const }, filter, pool, signal: budget.signal };
  for await (const { target, part } of partsOf(targets, looking)) {
    if (part.type === "modified" && inWindow(part.timeMs, filter))
      timed.push({ ...target, timeMs: part.timeMs, sizeBytes: part.sizeBytes });
  }
  return timed;
}
