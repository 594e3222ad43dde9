import type { LineRange } from "../../index/lookup/passages.ts";
import type { SessionCoverage } from "../../index/coverage/held-sessions.ts";
import type { Archive } from "../../sessions/session.ts";
import { archiveSegments } from "../../storage/layout.ts";
import type { Course } from "../course/course.ts";
import type { ArchiveDamage } from "./archive-damage.ts";
import { NOTHING, type Candidates } from "./candidates.ts";
import type { IndexHolder } from "./index-holder.ts";
import { indexQueryOf } from "../query/index-query.ts";
import { Indexed } from "./indexed.ts";
import type { Part } from "../scan/job.ts";
import type { Understood } from "../query/query.ts";
import type { Filter } from "../query/filter.ts";
import { Supply } from "./supply.ts";
import type { Target } from "./target.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

/** An archive that may hold what is looked for. */
export interface SessionTarget extends Target {
  archive: Archive;
}

interface SessionSupplyParts extends Course {
  pool: WorkerPool;
  archives: (workspaceId: string) => Promise<readonly Archive[]>;
  damage: ArchiveDamage | undefined;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
  keyOf: (archive: Archive) => string;
  workspaceIds: readonly string[];
  understood: Understood;
}

/** The archives that a search has to read, or the lines of them. */
export async function sessionSupply(parts: SessionSupplyParts): Promise<Supply<SessionTarget>> {
  const { understood, budget } = parts;
  const read = async (archives: readonly Archive[]) => {
    const candidates = candidatesOf(archives, understood.filter, parts);
    return { ...candidates, unreadable: await countDamaged(parts) };
  };
  const everything = async () => read(await allArchives(parts));
  const part = await indexedPart(parts);
  return new Supply({
    indexed: part?.indexed,
    read: async (what) => (what === "rest" && part !== undefined ? read(part.rest) : everything()),
    signal: budget.signal,
  });
}

/** What the index may be asked for, and what it cannot speak for; undefined when it is of no use. */
async function indexedPart({
  pool,
  index,
  workspaceIds,
  understood: { pattern, filter },
  budget: { signal },
  trace,
  keyOf,
}: SessionSupplyParts): Promise<{ indexed: Indexed<SessionTarget>; rest: readonly Archive[] } | undefined> {
  const query = index && indexQueryOf(pattern, filter, "sessions");
  if (index === undefined || query === undefined) return undefined;
  const coverage = await index.sessions(workspaceIds);
  if (coverage.held.size === 0) return undefined;
  const targetsIn = (part: Part) => targetsOf(part, coverage, keyOf);
  const documents = countTimely(coverage.held, filter);
  const part = { of: "sessions" as const, query, workspaces: workspaceIds, targetsIn, documents, index };
  return { indexed: new Indexed(part, { pool, filter, signal, trace }), rest: coverage.missing };
}

/** What an answer names, if the index holds it as it is now. Undefined for an answer of another index. */
function targetsOf(
  part: Part,
  { generation, held }: SessionCoverage,
  keyOf: SessionSupplyParts["keyOf"],
): SessionTarget[] | undefined {
  if (part.type !== "foundArchives" || part.found.generation !== generation) return undefined;
  return part.found.answer.found.flatMap(({ id, ranges }) => {
    const archive = held.get(id);
    return archive === undefined ? [] : [{ ...targetOf(archive, keyOf(archive), ranges), isIndexed: true }];
  });
}

async function allArchives({ archives, workspaceIds }: SessionSupplyParts): Promise<Archive[]> {
  const all: Archive[] = [];
  for (const id of workspaceIds) all.push(...(await archives(id)));
  return all;
}

async function countDamaged({ damage, workspaceIds, understood }: SessionSupplyParts): Promise<number> {
  let count = 0;
  for (const id of workspaceIds) {
    const damaged = (await damage?.damaged(id)) ?? [];
    count += damaged.filter((archive) => mayHoldTime(archive, understood.filter)).length;
  }
  return count;
}

function candidatesOf(
  archives: readonly Archive[],
  filter: Filter,
  { trace, keyOf }: SessionSupplyParts,
): Candidates<SessionTarget> {
  if (archives.length === 0) return NOTHING;
  using leg = trace.leg("listing");
  const targets = archives
    .filter((archive) => mayHoldTime(archive, filter))
    .map((archive) => targetOf(archive, keyOf(archive)));
  leg.candidates = targets.length;
  return { ...NOTHING, targets };
}

function targetOf(archive: Archive, key: string, ranges?: readonly LineRange[]): SessionTarget {
  const { workspaceId, startedMs, lines, bytes } = archive;
  const segments = archiveSegments(workspaceId, archive.archive);
  const read = ranges?.reduce((sum, [first, last]) => sum + last - first + 1, 0) ?? lines;
  return {
    source: { kind: "session", segments, fromLine: 1, lastLine: lines, ranges },
    timeMs: startedMs,
    key,
    archive,
    sizeBytes: (bytes * read) / Math.max(1, lines),
  };
}

function countTimely(held: SessionCoverage["held"], filter: Filter): number {
  if (filter.afterMs === undefined && filter.beforeMs === undefined) return held.size;
  return [...held.values()].filter((archive) => mayHoldTime(archive, filter)).length;
}

/** Whether something in the session can have been written in the time asked for. */
function mayHoldTime({ startedMs, endedMs }: Archive, { afterMs, beforeMs }: Filter): boolean {
  const tooOld = afterMs !== undefined && endedMs < afterMs;
  return !tooOld && (beforeMs === undefined || startedMs < beforeMs);
}
