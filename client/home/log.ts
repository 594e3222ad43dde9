import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import type { Home } from "./home.ts";

/**
 * Adds a line to `log/<name>.log`. For programs nobody watches: a log that cannot be written is no failure of
 * the work it tells about, so this never throws.
 */
export function appendLog(home: Home, name: string, text: string): void {
  try {
    mkdirSync(home.log, { recursive: true, mode: 0o700 });
    const path = join(home.log, `${name}.log`);
    if (sizeOf(path) > LIMITS.client.logBytes) renameSync(path, `${path}.1`);
    appendFileSync(path, `${new Date().toISOString()} ${oneLine(text)}\n`, { mode: 0o600 });
  } catch {
    // Nobody is there to be told.
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, LIMITS.client.logLineChars);
}
