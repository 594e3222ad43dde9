import { readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { manifestOf, type Manifest } from "./stored.ts";

/** `20261121T190200Z`: when a backup began. */
const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const UNFINISHED = ".partial";

/** The name of a backup that begins now, and of the folder it is made in. */
export function namesFor(now: Date): { name: string; unfinished: string } {
  const name = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  return { name, unfinished: `${name}${UNFINISHED}` };
}

/** The newest backup in a folder of backups that is whole; undefined when there is none. */
export function newestIn(folder: string): (Manifest & { folder: string }) | undefined {
  for (const name of namesIn(folder).toReversed()) {
    const manifest = readable(join(folder, name));
    if (manifest !== undefined) return { ...manifest, folder: join(folder, name) };
  }
  return undefined;
}

/**
 * Keeps of each day (UTC) its newest backup, of the newest days, and all that began lately: one made before something risky must
 * not push out the other. One that lacks places of the store never takes the place of one that lacks none: both kinds are counted
 * by themselves. Removes the rest. Folders that are no backup of ours stay.
 * Gives the names of those removed. A crash leaves an unfinished one, which is removed later.
 */
export async function rotate(
  folder: string,
  { keepDays, now }: { keepDays: number; now: Date },
): Promise<string[]> {
  const known = namesIn(folder).flatMap((name) => {
    const about = readable(join(folder, name))?.about;
    return about === undefined ? [] : [{ name, isWhole: about.left_out === undefined }];
  });
  const names = known.map(({ name }) => name);
  const whole = known.filter(({ isWhole }) => isWhole).map(({ name }) => name);
  const others = known.filter(({ isWhole }) => !isWhole).map(({ name }) => name);
  const lately = names.filter((name) => now.getTime() - (timeOf(name) ?? 0) <= LIMITS.backup.keepAllMs);
  const kept = new Set([...newestOfDays(whole, keepDays), ...newestOfDays(others, keepDays), ...lately]);
  const removed = names.filter((name) => !kept.has(name));
  for (const name of removed) {
    const unfinished = join(folder, `${name}${UNFINISHED}`);
    renameSync(join(folder, name), unfinished);
    await rm(unfinished, { recursive: true, force: true });
  }
  return removed;
}

/** The newest of each day, of the newest days. */
function newestOfDays(names: readonly string[], days: number): string[] {
  return [...new Map(names.map((name) => [name.slice(0, 8), name])).values()].slice(-days);
}

/** Removes what a backup left that was cut short, a day later: until then it may be one that is being made. */
export async function removeUnfinished(folder: string, now: Date): Promise<void> {
  const old = readdirSync(folder).filter((name) => {
    const began = name.endsWith(UNFINISHED) ? timeOf(name.slice(0, -UNFINISHED.length)) : undefined;
    return began !== undefined && now.getTime() - began > LIMITS.backup.unfinishedMs;
  });
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
}

/** Oldest first. */
function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => timeOf(name) !== undefined)
    .sort();
}

function readable(folder: string): Manifest | undefined {
  try {
    return manifestOf(folder);
  } catch (error) {
    // One that is damaged, or of a later format, is not ours to build on, nor to remove.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function timeOf(name: string): number | undefined {
  const [, ...parts] = NAME.exec(name) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number);
  if (year === undefined || month === undefined) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
