import * as z from "zod";
import { byteLength } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry, SessionPage } from "../../contract/wire.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import { entryOf, newestFirst, orderOf, type SessionOrder, type StoredSession } from "./session.ts";
import { timeRange } from "./time-range.ts";

/** Which sessions to list: those that were going on between `after` and `before`. */
export interface SessionFilter {
  after?: string | undefined;
  before?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

const CURSOR = "sessions";
const Position = z.tuple([z.string(), z.string(), z.string()]);

/** A page of sessions that are given in any order. Throws `invalid_input` for a bad date or cursor. */
export function listPage(sessions: readonly StoredSession[], filter: SessionFilter): SessionPage {
  const { afterMs, beforeMs } = timeRange(filter);
  const position = filter.cursor === undefined ? undefined : positionOf(filter.cursor);
  const wanted = sessions
    .filter(({ facts }) => Date.parse(facts.ended) >= afterMs && Date.parse(facts.started) < beforeMs)
    .filter((session) => position === undefined || newestFirst(position, orderOf(session)) < 0)
    .sort((a, b) => newestFirst(orderOf(a), orderOf(b)));
  const entries = fittingEntries(
    wanted,
    Math.min(filter.limit ?? LIMITS.answer.pageEntries, LIMITS.answer.pageEntries),
  );
  const last = wanted[entries.length - 1];
  if (last === undefined || entries.length === wanted.length) return { entries };
  const { started, sessionId, workspaceId } = orderOf(last);
  return { entries, next_cursor: encodeCursor(CURSOR, [started, sessionId, workspaceId]) };
}

function positionOf(cursor: string): SessionOrder {
  const [started, sessionId, workspaceId] = decodeCursor(CURSOR, cursor, Position);
  return { started, sessionId, workspaceId };
}

/** At least one entry, if there is any; then as many as fit into an answer. */
function fittingEntries(sessions: readonly StoredSession[], limit: number): SessionEntry[] {
  const entries: SessionEntry[] = [];
  let bytes = 0;
  for (const session of sessions) {
    const entry = entryOf(session);
    bytes += byteLength(JSON.stringify(entry)) + 1;
    if (entries.length >= limit || (entries.length > 0 && bytes > LIMITS.answer.defaultBytes)) break;
    entries.push(entry);
  }
  return entries;
}
