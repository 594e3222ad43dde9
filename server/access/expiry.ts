import { AppError } from "../../contract/errors.ts";

const UNIT_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The moment `90d`, `12h`, `2w` from now, or an ISO date, means. Throws `invalid_input`, also for the past. */
export function parseExpiry(text: string, now: number): Date {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const time =
    count !== undefined && unit !== undefined ? now + Number(count) * (UNIT_MS[unit] ?? 0) : isoTime(text);
  if (!Number.isFinite(time) || time <= now)
    throw new AppError("invalid_input", `expires: not a time to come: "${text.slice(0, 40)}"`, {
      hint: "Write 12h, 90d, 2w or a date such as 2027-06-30",
    });
  return new Date(time);
}

function isoTime(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
}
