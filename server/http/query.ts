import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { Cursor, GivenTime } from "../../contract/wire.ts";

/** A whole number as a query writes it. */
export function numberText(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: "not a whole number" })
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .meta({ override: { type: "integer", minimum: least, maximum: most } });
}

/** `true` or `false` as a query writes it. */
export function flagText() {
  return z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .meta({ override: { type: "boolean" } });
}

/** Query parameters of every listing. */
export const ListQuery = {
  cursor: Cursor.optional(),
  limit: numberText(1, LIMITS.answer.pageEntries).optional(),
};

export const TimeQuery = {
  after: GivenTime.optional().describe("Only what is at or after this date or time (ISO 8601)"),
  before: GivenTime.optional().describe("Only what is before this date or time (ISO 8601)"),
};

/** Which content of a text. */
export const AtQuery = z.strictObject({
  version: numberText(1, Number.MAX_SAFE_INTEGER).optional().describe("A kept version"),
  as_of: GivenTime.optional().describe("The content that was current at this time (ISO 8601)"),
});
