import { LIMITS } from "../../../contract/limits.ts";
import { SECRET_PREFIXES } from "../../../contract/secrets.ts";
import type { Course } from "../course/course.ts";
import { documentKey } from "../../index/order.ts";
import type { Pattern } from "../query/query.ts";
import type { Filter } from "../query/filter.ts";
import { filesWithMatch, type Grep } from "../ripgrep/ripgrep.ts";
import type { KnownFile } from "./listed-folders.ts";
import { isOurs, Listing } from "./listing.ts";
import { SearchTotals, partsOf, type Target } from "./target.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

/** A knowledge file, or without a path the overview, that may hold what is looked for. */
export interface KnowledgeTarget extends Target {
  workspaceId: string;
  path: string | undefined;
}

/** Documents that a search has to look into, and what came of looking for them. */
export interface Candidates<T extends Target> {
  targets: readonly T[];
  /** How many could not be looked at. */
  unreadable: number;
  /** How many were looked through and are none, because nothing stands in them. */
  passed: number;
  /** False when the time or the number of files did not suffice to look at all of them. */
  isComplete: boolean;
}

/** There was nothing to look at. */
export const NOTHING = { targets: [], unreadable: 0, passed: 0, isComplete: true };

/** A workspace to look into, or only some of its files; undefined is the overview. */
export interface Area {
  workspaceId: string;
  only?: readonly (string | undefined)[];
}

interface Where extends Course {
  root: string;
  pool: WorkerPool;
  areas: readonly Area[];
}

/**
 * Files of these workspaces that ripgrep finds something in, or whose paths hold a word, and all that were asked for one
 * by one. Ripgrep sees the text unmasked, so it only tells where to look: what counts is what a worker then finds in the
 * masked text. It is sent to what was listed, which holds no links, and what it names counts only if it was listed.
 */
export async function findCandidates(
  where: Where,
  pattern: Pattern,
  filter: Filter,
): Promise<Candidates<KnowledgeTarget>> {
  const { root, areas, budget, trace } = where;
  if (areas.length === 0) return NOTHING;
  const { listing, totals } = await listWorkspaces(where, pattern, filter);
  const targets = listing.named.map((file) => targetOf(file));
  const paths = [...listing.places];
  using leg = trace.leg("ripgrep");
  for await (const name of filesWithMatch(grepFor(pattern), { root, paths, signal: budget.signal })) {
    const file = listing.find(name);
    if (file !== undefined && isOurs(file)) targets.push(targetOf(file));
  }
  leg.candidates = targets.length;
  return {
    targets,
    passed: listing.size - targets.length,
    unreadable: totals.unreadable.length + listing.tooLong,
    isComplete: totals.missed === 0 && !listing.isCut && !budget.isOver,
  };
}

/** Where they stand a file may hold a mask, which ripgrep does not see and an expression may match. */
const SECRETS = Object.values(SECRET_PREFIXES);
const MASK = "*";

function grepFor(pattern: Pattern): Grep {
  if (pattern.mode === "regex") return { kind: "regex", patterns: [pattern.expression, ...SECRETS] };
  const texts = pattern.mode === "literal" ? pattern.needles : pattern.words.map(({ text }) => text);
  return {
    kind: "folded",
    patterns: texts.some((text) => text.includes(MASK)) ? [...texts, ...SECRETS] : texts,
  };
}

async function listWorkspaces(
  { pool, areas, budget, trace }: Where,
  pattern: Pattern,
  filter: Filter,
): Promise<{ listing: Listing; totals: SearchTotals<WorkspaceTarget> }> {
  using leg = trace.leg("listing");
  const listing = new Listing();
  const totals = new SearchTotals<WorkspaceTarget>();
  totals.expect(areas.length);
  const task = { kind: "list" as const, words: pattern.mode === "ranked" ? pattern.words : [] };
  const workspaces = areas.map(asTarget);
  for await (const said of partsOf(workspaces, { task, filter, pool, signal: budget.signal }))
    for (const { target, part } of said) {
      totals.note(target, part);
      const { workspaceId, only } = target.area;
      if (part.type === "folder") listing.addFolder(workspaceId, part.folder);
      else if (part.type === "files")
        for (const file of part.files) listing.add({ ...file, workspaceId, isAlone: only !== undefined });
    }
  leg.candidates = listing.size;
  return { listing, totals };
}

/** To list a workspace is about as much work as to search so many bytes. */
const LISTING_BYTES = LIMITS.search.jobBytes / 8;

interface WorkspaceTarget extends Target {
  area: Area;
}

function asTarget(area: Area): WorkspaceTarget {
  const { workspaceId, only } = area;
  const source = { kind: "workspace" as const, workspaceId, only };
  return { source, area, key: workspaceId, timeMs: 0, sizeBytes: LISTING_BYTES };
}

/** A knowledge file as a document to search, from its first line on. */
export function targetOf({ workspaceId, path, timeMs, sizeBytes }: KnownFile): KnowledgeTarget {
  const source = { kind: "knowledge" as const, workspaceId, path, fromLine: 1 };
  return { source, workspaceId, path, key: documentKey(workspaceId, path ?? ""), timeMs, sizeBytes };
}
