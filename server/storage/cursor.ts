import type * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";

/**
 * Where a listing goes on, as an opaque text. It names the last entry that was given, not a count, so entries
 * that come or go meanwhile neither repeat nor hide others. `kind` keeps cursors of one listing out of another.
 */
export function encodeCursor(kind: string, position: unknown): string {
  return Buffer.from(JSON.stringify([kind, position])).toString("base64url");
}

/** Throws `invalid_input` for a cursor that this listing did not give. */
export function decodeCursor<T>(kind: string, cursor: string, schema: z.ZodType<T>): T {
  const parsed = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
  if (Array.isArray(parsed) && parsed.length === 2 && parsed[0] === kind) {
    const position = schema.safeParse(parsed[1]);
    if (position.success) return position.data;
  }
  throw new AppError("invalid_input", "cursor: not a cursor of this listing", {
    hint: "Pass next_cursor of the page before, with the same filters, or leave it out to begin again",
  });
}
