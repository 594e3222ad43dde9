import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { versionsToDrop, type DatedVersion } from "../../server/knowledge/retention.ts";

const NOW = new Date("2026-06-30T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

/** Versions 1…n of these ages in days, oldest first. */
function aged(...agesDays: number[]): DatedVersion[] {
  return agesDays.map((days, index) => ({
    version: index + 1,
    time: new Date(NOW.getTime() - days * DAY_MS),
  }));
}

/** The newest versions, which stay whatever their age. */
const NEWEST = Array.from({ length: LIMITS.versions.newest }, () => 0);

describe("versionsToDrop", () => {
  it.each([
    { ages: [], keeps: "nothing to drop", dropped: [] },
    { ages: [400, 30.1], keeps: "no version older than a year", dropped: [1] },
    { ages: [30, 29.9, 10, 10, 10], keeps: "all of 30 days", dropped: [] },
    { ages: [40.2, 40.1, 40, 39], keeps: "the last of each day", dropped: [1, 2] },
    { ages: [365.1, 364.9], keeps: "one per day up to a year", dropped: [1] },
  ])("keeps $keeps", ({ ages, dropped }) => {
    expect(versionsToDrop(aged(...ages, ...NEWEST), NOW)).toEqual(dropped);
  });

  it("keeps the 50 newest however old they are", () => {
    const old = aged(...Array.from({ length: LIMITS.versions.newest }, (_, index) => 900 - index));

    expect(versionsToDrop(old, NOW)).toEqual([]);
    expect(versionsToDrop(aged(...old.map(() => 900), 900), NOW)).toEqual([1]);
  });

  it("drops nothing whose age was not looked up", () => {
    const versions = aged(900, 900, ...NEWEST).map(({ version }) => ({ version, time: undefined }));

    expect(versionsToDrop(versions, NOW)).toEqual([]);
  });

  it("never drops a newest or recent one, leaves at most one per older day, and is stable", () => {
    const histories = fc
      .array(fc.integer({ min: 0, max: 500 * 24 }), { maxLength: 200 })
      .map((hours) => aged(...hours.sort((a, b) => b - a).map((hour) => hour / 24)));

    fc.assert(
      fc.property(histories, (versions) => {
        const dropped = new Set(versionsToDrop(versions, NOW));
        const kept = versions.filter(({ version }) => !dropped.has(version));
        const protectedOnes = versions.filter(
          ({ time }, index) =>
            index >= versions.length - LIMITS.versions.newest ||
            NOW.getTime() - (time?.getTime() ?? 0) <= LIMITS.versions.allForDays * DAY_MS,
        );
        const olderDays = kept
          .filter((version) => !protectedOnes.includes(version))
          .map(({ time }) => time?.toISOString().slice(0, 10));

        expect(kept).toEqual(expect.arrayContaining(protectedOnes));
        expect(new Set(olderDays).size).toBe(olderDays.length);
        expect(versionsToDrop(kept, NOW)).toEqual([]);
      }),
    );
  });
});
