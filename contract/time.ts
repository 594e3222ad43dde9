import { AppError } from "./errors.ts";

const ISO = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const MONTH = /^\d{4}-\d{2}$/;
const AGO = /^(\d{1,5})([hdw])$/;
const UNIT_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A date or time in ISO 8601, or how long ago: `12h`, `7d`, `2w`. Without an offset it is UTC, a date alone is its
 * midnight, a month its first one. Throws `invalid_input` naming `field`.
 */
export function parseTime(field: string, text: string): Date {
  const time = agoTime(text) ?? isoTime(MONTH.test(text) ? `${text}-01` : text);
  if (Number.isNaN(time.getTime()))
    throw new AppError("invalid_input", `${field}: not a date or time in ISO 8601`, {
      hint: "Write it like 2026-03-31 or 2026-03-31T14:00:00Z, or 7d for seven days ago",
    });
  return time;
}

function agoTime(text: string): Date | undefined {
  const [, count, unit = ""] = AGO.exec(text) ?? [];
  return count === undefined
    ? undefined
    : new Date(Date.now() - Number(count) * (UNIT_MS[unit] ?? Number.NaN));
}

/** An invalid date when it is none. */
function isoTime(text: string): Date {
  const [whole = "", day = "", offset] = ISO.exec(text) ?? [];
  const zoned = whole.includes("T") && offset === undefined ? `${whole}Z` : whole;
  return new Date(isDay(day) ? zoned : Number.NaN);
}

/** `Date` takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const midnight = new Date(day);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
