import { lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** Paths of all regular files below a folder that hold something, by the file itself: one with several names is one. */
export function filesIn(root: string): string[][] {
  const byInode = new Map<bigint, string[]>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    const { ino, size } = lstatSync(join(root, path), { bigint: true });
    if (size > 0n) byInode.set(ino, [...(byInode.get(ino) ?? []), path]);
  }
  return [...byInode.values()].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** Turns one bit of a file over, in place, as a bad disk does; its times may stay as they were. */
export function flip(path: string, random: Random, { keepsTime }: { keepsTime: boolean }): void {
  const { atime, mtime } = lstatSync(path);
  const bytes = readFileSync(path);
  const at = random.integer(0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
  writeFileSync(path, bytes, { flag: "r+" });
  if (keepsTime) utimesSync(path, atime, mtime);
}
