import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import type { KnowledgeQuery } from "../../../contract/search.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import type { Position } from "../supply/position.ts";

const PositionParts = z.tuple([z.number(), z.string(), z.int().min(0)]);

/** The cursor of a page of lines: the next one goes on behind this position. `kind` keeps cursors of other searches away. */
export function encodePosition(kind: string, { timeMs, key, line }: Position): string {
  return encodeCursor(`${kind}-lines`, [timeMs, key, line]);
}

/** Throws `invalid_input` for a cursor of something else. */
export function decodePosition(kind: string, cursor: string): Position {
  const [timeMs, key, line] = decodeCursor(`${kind}-lines`, cursor, PositionParts);
  return { timeMs, key, line };
}

const OffsetParts = z.tuple([z.int().min(1), z.string()]);

/** Ranked answers are counted, so their cursor goes with the query it came from and no other. */
export function encodeOffset(kind: string, query: KnowledgeQuery, offset: number): string {
  return encodeCursor(`${kind}-ranked`, [offset, queryDigest(query)]);
}

/** Throws `invalid_input` for a cursor of another query. */
export function decodeOffset(kind: string, query: KnowledgeQuery, cursor: string): number {
  const [offset, of] = decodeCursor(`${kind}-ranked`, cursor, OffsetParts);
  if (of !== queryDigest(query))
    throw new AppError("invalid_input", "cursor: it belongs to another query", {
      hint: "Keep query and filters as they were, or leave the cursor out to begin again",
    });
  return offset;
}

function queryDigest(query: KnowledgeQuery): string {
  const { cursor: _cursor, limit: _limit, explain: _explain, ...rest } = query;
  return digest(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))).slice(0, 16);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
