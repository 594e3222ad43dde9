import { sessionAnchor } from "../../contract/anchor.ts";
import type { SessionAnswer, SessionHit, SessionQuery } from "../../contract/search.ts";
import { documentKey } from "../index/order.ts";
import type { Archive } from "../sessions/session.ts";
import { answer } from "./answer/answer.ts";
import type { ArchiveDamage } from "./supply/archive-damage.ts";
import type { Course } from "./course/course.ts";
import type { IndexHolder } from "./supply/index-holder.ts";
import type { FoundLine } from "./scan/job.ts";
import { understand } from "./query/query.ts";
import type { Ranked } from "./ranking/ranked.ts";
import type { Searchable } from "./search.ts";
import { sessionSupply, type SessionTarget } from "./supply/session-supply.ts";
import { WEIGHTS } from "./words/weights.ts";
import type { WorkerPool } from "./pool/worker-pool.ts";

interface SessionSearchParts {
  pool: WorkerPool;
  archives: (workspaceId: string) => Promise<readonly Archive[]>;
  damage: ArchiveDamage | undefined;
  /** Without it everything is read. */
  index: IndexHolder | undefined;
}

/** Searches what was said and done in sessions: newest session first, or best first. */
export class SessionSearch {
  readonly #parts: SessionSearchParts;
  /** Where everything is read there are many, each time the same. */
  readonly #keys = new WeakMap<Archive, string>();

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
      query,
      understood,
      workspaces: workspaces.length,
      pool: this.#parts.pool,
      ...course,
      wholeShare: WEIGHTS.wholeShare.sessions,
      supply: await sessionSupply({
        ...this.#parts,
        keyOf: this.#keyOf,
        workspaceIds,
        understood,
        ...course,
      }),
      unreadable: ({ archive }) => this.#parts.damage?.suspect(archive),
      lineHit: ({ archive }, line) => hitOf(archive, line),
      documentHit: foldedHit,
    });
  }

  readonly #keyOf = (archive: Archive): string => {
    const known = this.#keys.get(archive);
    if (known !== undefined) return known;
    const key = documentKey(archive.workspaceId, archive.sessionId);
    this.#keys.set(archive, key);
    return key;
  };
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
