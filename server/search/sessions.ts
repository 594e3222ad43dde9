import { sessionAnchor } from "../../contract/anchor.ts";
import type { SessionAnswer, SessionEntry, SessionHit, SessionQuery } from "../../contract/wire.ts";
import type { Budget } from "./budget.ts";
import type { FoundLine } from "./job.ts";
import { searchLines } from "./lines.ts";
import { leftOut, Page } from "./page.ts";
import {
  decodeOffset,
  decodePosition,
  documentKey,
  encodeOffset,
  parseFilter,
  parsePattern,
  type Filter,
  type Pattern,
  type Position,
} from "./query.ts";
import { assertRegex } from "./ripgrep.ts";
import type { Searchable } from "./search.ts";
import { searchSummaries } from "./summaries.ts";
import { nextPosition, targetsFrom, type Target } from "./target.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A session's archive: what is known about it, and the files below the root that hold it. */
export interface Archive {
  workspaceId: string;
  entry: SessionEntry;
  segments: readonly string[];
}

export interface SessionSearchParts {
  pool: WorkerPool;
  archives: (workspaceId: string) => Promise<readonly Archive[]>;
}

const KIND = "sessions";
/** A session is about many things: what stands together in one turn tells more than what it holds here and there. */
const COVERAGE = 0.3;

interface SessionTarget extends Target {
  entry: SessionEntry;
}

/** Searches the text of sessions, newest session first or best first. */
export class SessionSearch {
  readonly #parts: SessionSearchParts;

  constructor(parts: SessionSearchParts) {
    this.#parts = parts;
  }

  async search(query: SessionQuery, workspaces: readonly Searchable[], budget: Budget): Promise<SessionAnswer> {
    const pattern = parsePattern(query);
    const filter = parseFilter(query);
    if (pattern.mode === "ranked") return this.#ranked(query, pattern, await this.#targets(workspaces, filter), filter, budget);
    const from = query.cursor === undefined ? undefined : decodePosition(KIND, query.cursor);
    if (pattern.mode === "regex") await assertRegex(pattern.source, budget.signal);
    return this.#lines(query, pattern, targetsFrom(await this.#targets(workspaces, filter, from), from), { filter, from }, budget);
  }

  async #targets(workspaces: readonly Searchable[], filter: Filter, from?: Position): Promise<SessionTarget[]> {
    const targets: SessionTarget[] = [];
    for (const { id } of workspaces) {
      for (const { entry, segments } of await this.#parts.archives(id)) {
        if (!mayHoldTime(entry, filter)) continue;
        const place = { timeMs: Date.parse(entry.started), key: documentKey(id, entry.session_id) };
        const isFrom = from !== undefined && from.timeMs === place.timeMs && from.key === place.key;
        const fromLine = isFrom ? Math.min(from.line, entry.lines) + 1 : 1;
        targets.push({ ...place, entry, sizeBytes: entry.bytes, source: { kind: "session", segments, fromLine } });
      }
    }
    return targets;
  }

  async #lines(
    query: SessionQuery,
    pattern: Exclude<Pattern, { mode: "ranked" }>,
    targets: readonly SessionTarget[],
    { filter, from }: { filter: Filter; from: Position | undefined },
    budget: Budget,
  ): Promise<SessionAnswer> {
    const page = new Page<SessionHit>(query.limit);
    let last: Position | undefined;
    const covered = await searchLines({
      pool: this.#parts.pool,
      targets,
      pattern,
      filter,
      from,
      want: query.limit + 1,
      budget,
      take: (target, line) => {
        const taken = page.add(hitOf(target.entry, line));
        if (taken) last = { timeMs: target.timeMs, key: target.key, line: line.line };
        return taken;
      },
    });
    const cursor = nextPosition(KIND, covered, last);
    const note = leftOut("session", covered, goOn(cursor));
    return answer(page.hits, cursor, note);
  }

  async #ranked(
    query: SessionQuery,
    { words }: Extract<Pattern, { mode: "ranked" }>,
    targets: readonly SessionTarget[],
    filter: Filter,
    budget: Budget,
  ): Promise<SessionAnswer> {
    const offset = query.cursor === undefined ? 0 : decodeOffset(KIND, query, query.cursor);
    const ordered = targetsFrom(targets, undefined);
    const { ranked, ...covered } = await searchSummaries({ pool: this.#parts.pool, targets: ordered, words, filter, budget, coverage: COVERAGE });
    const page = new Page<SessionHit>(query.limit);
    const rest = ranked.slice(offset);
    const full = rest.some(({ document, best, lines, score }) => {
      const others = lines.filter((line) => line !== best.line);
      return !page.add({ ...hitOf(document.entry, best), score, ...(others.length > 0 && { more_lines: others }) });
    });
    const cursor = full ? encodeOffset(KIND, query, offset + page.hits.length) : undefined;
    return answer(page.hits, cursor, leftOut("session", covered, goOn(undefined)));
  }
}

/** Whether something in the session can have been written in the time asked for. */
function mayHoldTime({ started, ended }: SessionEntry, { afterMs, beforeMs }: Filter): boolean {
  return (afterMs === undefined || Date.parse(ended) >= afterMs) && (beforeMs === undefined || Date.parse(started) < beforeMs);
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

function goOn(cursor: string | undefined): string {
  return cursor === undefined
    ? "narrow the search with workspace_id, after or before"
    : "go on with next_cursor, or narrow the search with workspace_id, after or before";
}

function answer(hits: SessionHit[], cursor: string | undefined, note: string | undefined): SessionAnswer {
  return {
    hits,
    ...(cursor !== undefined && { next_cursor: cursor }),
    partial: note !== undefined,
    ...(note !== undefined && { note }),
  };
}
