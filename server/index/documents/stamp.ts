import type { Stats } from "node:fs";
import { LIMITS } from "../../../contract/limits.ts";

/** The stamp of a file that could not be read: no other is equal to it. */
export const UNKNOWN_STAMP = "";

/** Tells a file from what it was before somebody wrote or replaced it. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

/** False for a moment after a change: the clock of a file system is too coarse to tell a second one from it. */
export function isSettled({ ctimeMs }: Stats): boolean {
  return Math.abs(Date.now() - ctimeMs) > LIMITS.index.settleMs;
}
