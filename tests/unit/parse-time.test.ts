import { expect, it } from "vitest";
import { parseTime } from "../../contract/time.ts";

it.each([
  ["2026-03-31", "2026-03-31T00:00:00.000Z"],
  ["2026-03", "2026-03-01T00:00:00.000Z"],
  ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ["2026-03-31T24:00Z", "2026-04-01T00:00:00.000Z"],
  ["2026-03-31T14:00", "2026-03-31T14:00:00.000Z"],
  ["2026-03-31T14:00:05", "2026-03-31T14:00:05.000Z"],
  ["2026-03-31T14:00:05.123Z", "2026-03-31T14:00:05.123Z"],
  ["2026-03-31T14:00:05+02:00", "2026-03-31T12:00:05.000Z"],
])("reads %s", (text, time) => {
  expect(parseTime("as_of", text).toISOString()).toBe(time);
});

it.each([
  ["12h", 12],
  ["7d", 7 * 24],
  ["2w", 14 * 24],
  ["0d", 0],
])("reads %s as so long ago", (text, hours) => {
  const [least, time, most] = [Date.now(), parseTime("after", text).getTime(), Date.now()];

  expect(time).toBeGreaterThanOrEqual(least - hours * 3_600_000);
  expect(time).toBeLessThanOrEqual(most - hours * 3_600_000);
});

it.each([
  "",
  "7",
  "d",
  "-7d",
  "7m",
  "1.5d",
  "123456d",
  "2026-13",
  "2026-1",
  "2026-03T10:00Z",
  "yesterday",
  "2026",
  "2026-13-01",
  "2026-02-31",
  "2026-02-29T10:00:00Z",
  "2026-04-31T23:00:00+02:00",
  "2026-02-28T99:00Z",
  "31.03.2026",
  "2026-03-31 14:00",
])("refuses %j", (text) => {
  expect(() => parseTime("as_of", text)).toThrow(expect.objectContaining({ code: "invalid_input" }));
});
