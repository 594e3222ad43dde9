import { AppError } from "../../contract/errors.ts";

const ISO = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** A date or time in ISO 8601; without an offset it is UTC, a date alone is its midnight. Throws `invalid_input` naming `field`. */
export function parseTime(field: string, text: string): Date {
  const [whole = "", day = "", offset] = ISO.exec(text) ?? [];
  const zoned = whole.includes("T") && offset === undefined ? `${whole}Z` : whole;
  const time = new Date(zoned);
  if (Number.isNaN(time.getTime()) || !isDay(day))
    throw new AppError("invalid_input", `${field}: not a date or time in ISO 8601`, {
      hint: "Write it like 2026-03-31 or 2026-03-31T14:00:00Z",
    });
  return time;
}

/** `Date` takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const midnight = new Date(day);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
