import { sessionAnchor } from "../../contract/anchor.ts";
import type { SessionAnswer, SessionHit, SessionQuery } from "../../contract/search.ts";
import type { LineRange } from "../index/lookup-passages.ts";
import { documentKey } from "../index/order.ts";
import type { SessionCoverage } from "../index/session-coverage.ts";
import type { Archive } from "../sessions/session.ts";
import { answer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import type { IndexHolder } from "./index-holder.ts";
import { indexQueryOf } from "./index-query.ts";
import { Indexed } from "./indexed.ts";
import type { FoundLine, Part } from "./job.ts";
import { understand, type Filter, type Understood } from "./query.ts";
import type { Ranked } from "./ranked.ts";
import type { Searchable } from "./search.ts";
import { Supply } from "./supply.ts";
import type { Target } from "./target.ts";
import type { Trace } from "./trace.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A session is about many things: what stands together in one turn tells more than what it holds here and there. */
const COVERAGE = 0.3;

interface SessionTarget extends Target {
  archive: Archive;
}

interface SessionSearchParts {
  pool: WorkerPool;
  archives: (workspaceId: string) => Promise<readonly Archive[]>;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
}

interface Course {
  budget: Budget;
  trace: Trace;
}

/** Searches what was said and done in sessions: newest session first, or best first. */
export class SessionSearch {
  readonly #parts: SessionSearchParts;

  constructor(parts: SessionSearchParts) {
    this.#parts = parts;
  }

  async search(
    query: SessionQuery,
    workspaces: readonly Searchable[],
    course: Course,
  ): Promise<SessionAnswer> {
    const understood = understand(query, "session");
    const workspaceIds = workspaces.map(({ id }) => id);
    return answer<SessionTarget, SessionHit>({
      kind: "sessions",
      noun: "session",
      query,
      understood,
      workspaces: workspaces.length,
      pool: this.#parts.pool,
      ...course,
      coverage: COVERAGE,
      supply: await this.#supply(workspaceIds, understood, course),
      lineHit: ({ archive }, line) => hitOf(archive, line),
      documentHit: foldedHit,
    });
  }

  async #supply(
    workspaceIds: readonly string[],
    { pattern, filter }: Understood,
    { budget, trace }: Course,
  ): Promise<Supply<SessionTarget>> {
    const { pool, index } = this.#parts;
    const { signal } = budget;
    const query = indexQueryOf(pattern, filter, "sessions");
    const state = query === undefined ? undefined : await index?.sessions(workspaceIds);
    const read = async (archives: readonly Archive[]) => {
      using leg = trace.leg("listing");
      const targets = archives
        .filter((archive) => mayHoldTime(archive, filter))
        .map((each) => targetOf(each));
      leg.candidates = targets.length;
      return { targets, unreadable: 0, passed: 0, complete: true };
    };
    const everything = async () => read(await this.#all(workspaceIds));
    if (index === undefined || query === undefined || state === undefined || state.held.size === 0)
      return new Supply({ indexed: undefined, read: everything, signal });
    const targetsIn = (part: Part) => targetsOf(part, state);
    const part = { of: "sessions" as const, query, workspaces: workspaceIds, targetsIn, index };
    return new Supply({
      indexed: new Indexed(part, { pool, filter, signal, trace }),
      read: (what) => (what === "rest" ? read(state.missing) : everything()),
      signal,
    });
  }

  async #all(workspaceIds: readonly string[]): Promise<Archive[]> {
    const archives: Archive[] = [];
    for (const id of workspaceIds) archives.push(...(await this.#parts.archives(id)));
    return archives;
  }
}

/** What an answer of the index names, if the index holds it as it is now. */
function targetsOf(part: Part, { generation, held }: SessionCoverage): SessionTarget[] | undefined {
  if (part.type !== "foundArchives" || part.found.generation !== generation) return undefined;
  return part.found.answer.found.flatMap(({ id, ranges }) => {
    const archive = held.get(id);
    return archive === undefined ? [] : [{ ...targetOf(archive, ranges), isIndexed: true }];
  });
}

function targetOf(archive: Archive, ranges?: readonly LineRange[]): SessionTarget {
  const { workspaceId, sessionId, startedMs, segments, lines, bytes } = archive;
  const source = { kind: "session" as const, segments, fromLine: 1, lastLine: lines, ranges };
  const read = ranges?.reduce((sum, [first, last]) => sum + last - first + 1, 0) ?? lines;
  return {
    source,
    timeMs: startedMs,
    key: documentKey(workspaceId, sessionId),
    archive,
    sizeBytes: (bytes * read) / Math.max(1, lines),
  };
}

/** Whether something in the session can have been written in the time asked for. */
function mayHoldTime({ startedMs, endedMs }: Archive, { afterMs, beforeMs }: Filter): boolean {
  const tooOld = afterMs !== undefined && endedMs < afterMs;
  return !tooOld && (beforeMs === undefined || startedMs < beforeMs);
}

function hitOf(archive: Archive, { line, role, timeMs, snippet }: FoundLine): SessionHit {
  const { workspaceId, sessionId, startedMs } = archive;
  return {
    anchor: sessionAnchor(workspaceId, sessionId, line),
    workspace_id: workspaceId,
    session_id: sessionId,
    line,
    role: role ?? "system",
    time: new Date(timeMs ?? startedMs).toISOString(),
    snippet,
  };
}

/** A session's hits as one: the best line, and where the others are. */
function foldedHit({ document, best, summary, score }: Ranked<SessionTarget>): SessionHit {
  const others = summary.lines.filter((line) => line !== best.line);
  return { ...hitOf(document.archive, best), score, ...(others.length > 0 && { more_lines: others }) };
}
