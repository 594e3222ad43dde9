import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import type { KnowledgeQuery } from "../../../contract/search.ts";
import type { Place } from "../../index/order.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";

/**
 * Where literal and regex answers stand: newest document first, then by its key, then by line. What arrives later
 * is newer, so it cannot push what was given onto the next page.
 */
export interface Position extends Place {
  line: number;
}

const PositionParts = z.tuple([z.number(), z.string(), z.int().min(0)]);

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
