import { LIMITS } from "../../contract/limits.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export interface DatedVersion {
  version: number;
  /** Undefined: not looked up, because it is among the newest or recent. */
  time: Date | undefined;
}

/**
 * Which versions to drop: the 50 newest stay, so do all of 30 days, then the last of each UTC day for a year.
 * `versions` are oldest first; the answer never holds the newest one.
 */
export function versionsToDrop(versions: readonly DatedVersion[], now: Date): number[] {
  const older = versions.slice(0, -LIMITS.versions.newest);
  return older
    .filter(({ time }, index) => {
      if (time === undefined || isRecent(time, now)) return false;
      const ageDays = (now.getTime() - time.getTime()) / DAY_MS;
      return ageDays > LIMITS.versions.dailyForDays || dayOf(time) === dayOf(versions[index + 1]?.time);
    })
    .map(({ version }) => version);
}

/** Whether a version is so young that all of its age stay. */
export function isRecent(time: Date, now: Date): boolean {
  return now.getTime() - time.getTime() <= LIMITS.versions.allForDays * DAY_MS;
}

function dayOf(time: Date | undefined): string | undefined {
  return time?.toISOString().slice(0, 10);
}
