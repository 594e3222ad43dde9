import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry, SessionPage } from "../../contract/wire.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import { Fitting } from "../storage/fitting.ts";
import { parseTime } from "../../contract/time.ts";
import { merged } from "./merge.ts";
import { entryOf, newestFirst, orderOf, type SessionOrder, type StoredSession } from "./session.ts";

/** Which sessions to list: those that were going on between `after` (inclusive) and `before` (exclusive). */
export interface SessionFilter {
  after?: string | undefined;
  before?: string | undefined;
  cursor?: string | undefined;
  /** Entries per page; default and most `LIMITS.answer.pageEntries`. */
  limit?: number | undefined;
}

const CURSOR = "sessions";
const Position = z.tuple([z.string(), z.string(), z.string()]);

/** A page of several lists of sessions, each of them newest first. Throws `invalid_input` for a bad date or cursor. */
export function listPage(lists: readonly (readonly StoredSession[])[], filter: SessionFilter): SessionPage {
  const range = {
    afterMs: filter.after === undefined ? -Infinity : parseTime("after", filter.after).getTime(),
    beforeMs: filter.before === undefined ? Infinity : parseTime("before", filter.before).getTime(),
    position: filter.cursor === undefined ? undefined : positionOf(filter.cursor),
  };
  const { pageEntries } = LIMITS.answer;
  const page = new Fitting<SessionEntry>(Math.min(filter.limit ?? pageEntries, pageEntries));
  for (const session of merged(
    lists.map((list) => wanted(list, range)),
    inOrder,
  ))
    if (!page.add(entryOf(session))) return { entries: page.entries, next_cursor: cursorAfter(page.entries) };
  return { entries: page.entries };
}

interface Range {
  afterMs: number;
  beforeMs: number;
  position: SessionOrder | undefined;
}

function* wanted(
  sessions: readonly StoredSession[],
  { afterMs, beforeMs, position }: Range,
): Generator<StoredSession> {
  for (const session of sessions) {
    if (session.endedMs < afterMs || session.startedMs >= beforeMs) continue;
    if (position === undefined || newestFirst(position, orderOf(session)) < 0) yield session;
  }
}

function inOrder(a: StoredSession, b: StoredSession): number {
  return newestFirst(orderOf(a), orderOf(b));
}

function positionOf(cursor: string): SessionOrder {
  const [started, sessionId, workspaceId] = decodeCursor(CURSOR, cursor, Position);
  return { started, sessionId, workspaceId };
}

function cursorAfter(entries: readonly SessionEntry[]): string {
  const last = entries.at(-1);
  return encodeCursor(CURSOR, [last?.started, last?.session_id, last?.workspace_id]);
}
