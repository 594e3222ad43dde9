import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Home } from "../home/home.ts";

/** What leaves a stamp: each event of a hook, the schedule's runs, and those that found nothing changed. */
export type Stamp = `fired/${string}` | "runs/schedule" | "runs/up-to-date";

/**
 * Notes that something happened just now: the time of an empty file, for people who ask whether it still does. Never
 * throws and syncs nothing: a hook's client waits. No `.json`, which would count as a change of what was sent.
 */
export function stamp(home: Home, name: Stamp): void {
  const path = join(home.state, name);
  try {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, "", { mode: 0o600 });
    }
  } catch {
    // It is only a note.
  }
}

/** When it happened last; undefined when it never did. */
export function stampedAt(home: Home, name: Stamp): Date | undefined {
  return statSync(join(home.state, name), { throwIfNoEntry: false })?.mtime;
}
