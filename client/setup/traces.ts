import { readFileSync } from "node:fs";
import { isUnreachable } from "../home/reach.ts";

/** True for a file in which a word of ours stands. */
export function mayHoldOurs(path: string): boolean {
  try {
    return readFileSync(path, "utf8").includes("memory-sync");
  } catch (error) {
    if (isUnreachable(error)) return false;
    throw error;
  }
}
