import { AppError } from "../../contract/errors.ts";

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** From `after` (inclusive) to `before` (exclusive), in milliseconds. */
export interface TimeRange {
  afterMs: number;
  beforeMs: number;
}

/** The filters `after` and `before`: ISO dates or times; UTC unless they say otherwise. Throws `invalid_input`. */
export function timeRange(filter: { after?: string | undefined; before?: string | undefined }): TimeRange {
  return {
    afterMs: filter.after === undefined ? Number.NEGATIVE_INFINITY : moment("after", filter.after),
    beforeMs: filter.before === undefined ? Number.POSITIVE_INFINITY : moment("before", filter.before),
  };
}

function moment(name: string, text: string): number {
  const zoned = /T[\d:.]+$/.test(text) ? `${text}Z` : text;
  const time = DATE.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(time))
    throw new AppError("invalid_input", `${name}: not a date`, {
      hint: 'Write ISO 8601, for example "2026-11-21" or "2026-11-21T06:45:00Z"',
    });
  return time;
}
