import { sessionAnchor } from "../../contract/anchor.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import type { SessionAnswer, SessionHit, SessionQuery } from "../../contract/search.ts";
import type { Budget } from "./budget.ts";
import type { FoundLine } from "./job.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page } from "./page.ts";
import {
  decodeOffset,
  decodePosition,
  documentKey,
  encodeOffset,
  encodePosition,
  parseFilter,
  parsePattern,
  type Filter,
  type Pattern,
} from "./query.ts";
import type { Ranked } from "./ranked.ts";
import { assertRegex } from "./ripgrep.ts";
import type { Searchable } from "./search.ts";
import { searchSummaries } from "./summaries.ts";
import { targetsFrom, type Target } from "./target.ts";
import type { Word } from "./words.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A session's archive: what is known about it, and the files below the root that hold it. */
export interface Archive {
  entry: SessionEntry;
  segments: readonly string[];
}

const KIND = "sessions";
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
    if (pattern.mode === "ranked") return this.#best(query, pattern, { workspaces, filter, budget });
    return this.#lines(query, pattern, { workspaces, filter, budget });
  }

  async #lines(
    query: SessionQuery,
    pattern: Exclude<Pattern, { mode: "ranked" }>,
    scope: Scope,
  ): Promise<SessionAnswer> {
    const { filter, budget } = scope;
    const from = query.cursor === undefined ? undefined : decodePosition(KIND, query.cursor);
    if (pattern.mode === "regex") await assertRegex(pattern.source, budget.signal);
    const page = new Page<SessionHit>(query.limit);
    const { coverage, next } = await searchLines({
      pool: this.#pool,
      targets: targetsFrom(await this.#targets(scope), from),
      pattern,
      filter,
      limit: query.limit,
      signal: budget.signal,
      take: ({ entry }, line) => page.add(hitOf(entry, line)),
    });
    const cursor = next && encodePosition(KIND, next);
    return page.answer(cursor, leftOut("session", coverage, cursor));
  }

  async #best(query: SessionQuery, { words }: { words: Word[] }, scope: Scope): Promise<SessionAnswer> {
    const { filter, budget } = scope;
    const offset = query.cursor === undefined ? 0 : decodeOffset(KIND, query, query.cursor);
    const { ranked, coverage } = await searchSummaries({
      pool: this.#pool,
      targets: targetsFrom(await this.#targets(scope), undefined),
      words,
      filter,
      signal: budget.signal,
      coverage: COVERAGE,
    });
    const page = new Page<SessionHit>(query.limit);
    const more = page.addAll(ranked.slice(offset).map(foldedHit));
    const cursor = more ? encodeOffset(KIND, query, offset + page.hits.length) : undefined;
    return page.answer(cursor, leftOut("session", coverage, undefined));
  }

  async #targets({ workspaces, filter }: Scope): Promise<SessionTarget[]> {
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

interface Scope {
  workspaces: readonly Searchable[];
  filter: Filter;
  budget: Budget;
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
function foldedHit({ document, best, lines, score }: Ranked<SessionTarget>): SessionHit {
  const others = lines.filter((line) => line !== best.line);
  return { ...hitOf(document.entry, best), score, ...(others.length > 0 && { more_lines: others }) };
}
