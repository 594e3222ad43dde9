import { sessionAnchor } from "../../contract/anchor.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import type { SessionAnswer, SessionHit, SessionQuery } from "../../contract/search.ts";
import { answer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import type { FoundLine } from "./job.ts";
import { documentKey, parseFilter, parsePattern, type Filter } from "./query.ts";
import type { Ranked } from "./ranked.ts";
import type { Searchable } from "./search.ts";
import type { Target } from "./target.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A session's archive: what is known about it, and the files below the root that hold it. */
export interface Archive {
  entry: SessionEntry;
  segments: readonly string[];
}

/** A session is about many things: what stands together in one turn tells more than what it holds here and there. */
const COVERAGE = 0.3;

interface SessionTarget extends Target {
  entry: SessionEntry;
}

/** Searches what was said and done in sessions: newest session first, or best first. */
export class SessionSearch {
  readonly #pool: WorkerPool;
  readonly #archives: (workspaceId: string) => Promise<readonly Archive[]>;

  constructor(pool: WorkerPool, archives: (workspaceId: string) => Promise<readonly Archive[]>) {
    this.#pool = pool;
    this.#archives = archives;
  }

  async search(
    query: SessionQuery,
    workspaces: readonly Searchable[],
    budget: Budget,
  ): Promise<SessionAnswer> {
    const pattern = parsePattern(query);
    const filter = parseFilter(query);
    return answer<SessionTarget, SessionHit>({
      kind: "sessions",
      noun: "session",
      query,
      pattern,
      filter,
      pool: this.#pool,
      budget,
      coverage: COVERAGE,
      candidates: async () => ({
        targets: await this.#targets(workspaces, filter),
        unreadable: 0,
        complete: true,
      }),
      lineHit: ({ entry }, line) => hitOf(entry, line),
      documentHit: foldedHit,
    });
  }

  async #targets(workspaces: readonly Searchable[], filter: Filter): Promise<SessionTarget[]> {
    const targets: SessionTarget[] = [];
    for (const { id } of workspaces) {
      for (const { entry, segments } of await this.#archives(id)) {
        if (!mayHoldTime(entry, filter)) continue;
        const place = { timeMs: Date.parse(entry.started), key: documentKey(id, entry.session_id) };
        const source = { kind: "session" as const, segments, fromLine: 1, lastLine: entry.lines };
        targets.push({ ...place, entry, sizeBytes: entry.bytes, source });
      }
    }
    return targets;
  }
}

/** Whether something in the session can have been written in the time asked for. */
function mayHoldTime({ started, ended }: SessionEntry, { afterMs, beforeMs }: Filter): boolean {
  const tooOld = afterMs !== undefined && Date.parse(ended) < afterMs;
  return !tooOld && (beforeMs === undefined || Date.parse(started) < beforeMs);
}

function hitOf(entry: SessionEntry, { line, role, timeMs, snippet }: FoundLine): SessionHit {
  const { workspace_id, session_id, started } = entry;
  return {
    anchor: sessionAnchor(workspace_id, session_id, line),
    workspace_id,
    session_id,
    line,
    role: role ?? "system",
    time: timeMs === undefined ? started : new Date(timeMs).toISOString(),
    snippet,
  };
}

/** A session's hits as one: the best line, and where the others are. */
function foldedHit({ document, best, summary, score }: Ranked<SessionTarget>): SessionHit {
  const others = summary.lines.filter((line) => line !== best.line);
  return { ...hitOf(document.entry, best), score, ...(others.length > 0 && { more_lines: others }) };
}
