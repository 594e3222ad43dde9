import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import type { KnowledgeQuery } from "../../../contract/search.ts";
import { sha256 } from "../../../disk/digest.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import type { Position } from "../supply/position.ts";

const PositionParts = z.tuple([z.number(), z.string(), z.int().min(0), z.string()]);

/**
 * The cursor of a page of lines: the next one goes on behind this position. `kind` keeps cursors of other searches away.
 * Like all cursors it goes with the query it came from and no other: an answer never begins in the middle unnoticed.
 */
export function encodePosition(kind: string, query: KnowledgeQuery, { timeMs, key, line }: Position): string {
  return encodeCursor(`${kind}-lines`, [timeMs, key, line, queryDigest(query)]);
}

/** Throws `invalid_input` for a cursor of something else. */
export function decodePosition(kind: string, query: KnowledgeQuery, cursor: string): Position {
  const [timeMs, key, line, of] = decodeCursor(`${kind}-lines`, cursor, PositionParts);
  assertQuery(query, of);
  return { timeMs, key, line };
}

const OffsetParts = z.tuple([z.int().min(1), z.string()]);

/** The cursor of a page of a ranked answer, which is counted. */
export function encodeOffset(kind: string, query: KnowledgeQuery, offset: number): string {
  return encodeCursor(`${kind}-ranked`, [offset, queryDigest(query)]);
}

/** Throws `invalid_input` for a cursor of another query. */
export function decodeOffset(kind: string, query: KnowledgeQuery, cursor: string): number {
  const [offset, of] = decodeCursor(`${kind}-ranked`, cursor, OffsetParts);
  assertQuery(query, of);
  return offset;
}

function assertQuery(query: KnowledgeQuery, of: string): void {
  if (of !== queryDigest(query))
    throw new AppError("invalid_input", "cursor: it belongs to another query", {
      hint: "Keep query and filters as they were, or leave the cursor out to begin again",
    });
}

function queryDigest(query: KnowledgeQuery): string {
  const { cursor: _cursor, limit: _limit, explain: _explain, ...rest } = query;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(sorted)).slice(0, 16);
}
