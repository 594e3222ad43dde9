import type { Dirent } from "node:fs";
import { lstat } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { pathFault } from "../../contract/path-fault.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { LISTED_LEVELS, type MemoryEntry } from "../../memory-tool/files.ts";

/**
 * What a listing of a folder names, each folder before what is in it, names in the order of their UTF-16 units. `above` is
 * its path with a slash, or empty for the root. What the tool could not have made is left out: links, and names such as `.git`.
 */
export async function entriesBelow(folder: Folder, above: string, level = 1): Promise<MemoryEntry[]> {
  const entries = (await folder.entries()).filter((entry) => isOurs(entry, above + entry.name));
  const parts: MemoryEntry[] = [];
  for (const { name, ...entry } of entries.map(withKind).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = above + name;
    if (entry.kind === "folder") parts.push(...(await folderEntries(folder, { name, path, level })));
    else parts.push({ path, kind: "file", bytes: await sizeOf(folder, name) });
  }
  return parts;
}

/** Throws `conflict` when something lies below a folder that the tool could not have made: then it is a person's. */
export async function assertAllOurs(folder: Folder, above: string): Promise<void> {
  for (const entry of await folder.entries()) {
    const path = above + entry.name;
    // Unfinished, and nobody's any more: who looks holds the lock.
    if (isTempName(entry.name)) continue;
    if (!isOurs(entry, path))
      throw new AppError("conflict", `"${path}" is not a memory, and nothing was deleted`, {
        hint: "Only a person can move it away",
      });
    if (!entry.isDirectory()) continue;
    await using child = await folder.enter(entry.name);
    await assertAllOurs(child, `${path}/`);
  }
}

/** True for a regular file or a folder whose path the tool accepts. */
export function isOurs(entry: Dirent, path: string): boolean {
  const isKnown = entry.isFile() || entry.isDirectory();
  return isKnown && path === path.normalize("NFC") && pathFault(`memories/${path}`) === undefined;
}

function withKind(entry: Dirent): { name: string; kind: MemoryEntry["kind"] } {
  return { name: entry.name, kind: entry.isDirectory() ? "folder" : "file" };
}

/** A folder, and what is in it as far as it is listed. One that is gone meanwhile is nothing. */
async function folderEntries(
  parent: Folder,
  { name, path, level }: { name: string; path: string; level: number },
): Promise<MemoryEntry[]> {
  await using child = await unlessMissing(parent.enter(name));
  if (child === undefined) return [];
  const below = await entriesBelow(child, `${path}/`, level + 1);
  const depth = path.split("/").length + 1;
  const bytes = below
    .filter((entry) => entry.path.split("/").length === depth)
    .reduce((sum, entry) => sum + entry.bytes, 0);
  return [{ path, kind: "folder", bytes }, ...(level < LISTED_LEVELS ? below : [])];
}

async function sizeOf(folder: Folder, name: string): Promise<number> {
  return (await unlessMissing(lstat(folder.at(name))))?.size ?? 0;
}
