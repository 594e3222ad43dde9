import { describe, expect, it } from "vitest";
import { parseExpiry } from "../../server/access/expiry.ts";

const NOW = Date.parse("2026-11-21T00:00:00Z");

describe("an expiry", () => {
  it.each([
    ["12h", "2026-11-21T12:00:00.000Z"],
    ["90d", "2027-02-19T00:00:00.000Z"],
    ["2w", "2026-12-05T00:00:00.000Z"],
    ["2027-06-30", "2027-06-30T00:00:00.000Z"],
    ["2027-06-30T12:00:00Z", "2027-06-30T12:00:00.000Z"],
  ])("%s is %s", (text, time) => {
    expect(parseExpiry(text, NOW).toISOString()).toBe(time);
  });

  it.each(["", "soon", "0d", "-1d", "90", "2020-01-01", "1e9d", "9999999d"])("%s is refused", (text) => {
    expect(() => parseExpiry(text, NOW)).toThrow(/expires/);
  });
});
