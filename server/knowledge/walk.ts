import type { Dirent } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { documentFault } from "../../contract/memory-prefix.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";

/** A folder of an area, open while it is visited. */
export interface VisitedFolder {
  folder: Folder;
  /** What the paths of the documents in it begin with: the prefix of the area for its own folder, and then names, each with `/`. */
  above: string;
  entries: Dirent[];
}

interface Range {
  /** Only paths that begin with this. */
  prefix: string;
  /** Only paths behind this one. */
  after: string;
}

/** Paths of the documents below `folder`, sorted by UTF-16 units. Links and names that are no canonical path are left out. */
export async function* knowledgePaths(folder: Folder, range: Range, above: string): AsyncGenerator<string> {
  const entries = (await folder.entries())
    .map((entry) => ({ entry, path: `${above}${entry.name}${entry.isDirectory() ? "/" : ""}` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { entry, path } of entries) {
    if (entry.isFile() && path > range.after && path.startsWith(range.prefix) && isCanonical(path))
      yield path;
    if (!entry.isDirectory() || !mayHold(path, range)) continue;
    const child = await enterOrSkip(folder, entry, above);
    if (child === undefined) continue;
    await using below = child;
    yield* knowledgePaths(below, range, path);
  }
}

/** Every folder of an area or of a part of it, parents first, in no other order. */
export async function* knowledgeFolders(folder: Folder, above: string): AsyncGenerator<VisitedFolder> {
  const entries = await folder.entries();
  yield { folder, above, entries };
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const child = await enterOrSkip(folder, entry, above);
    if (child === undefined) continue;
    await using below = child;
    yield* knowledgeFolders(below, `${above}${entry.name}/`);
  }
}

/** Whether a path is one that the store could have made: what else lies in the tree is none. */
export function isCanonical(path: string): boolean {
  return path === path.normalize("NFC") && documentFault(path) === undefined;
}

/** Whether something below the folder (its path ends with `/`) can be in the range. */
function mayHold(path: string, { prefix, after }: Range): boolean {
  const isInPrefix = path.startsWith(prefix) || prefix.startsWith(path);
  return isInPrefix && (path > after || after.startsWith(path));
}

/** Undefined for a folder that went away or was swapped for a link meanwhile, or whose name is not ours. */
async function enterOrSkip(folder: Folder, entry: Dirent, above: string): Promise<Folder | undefined> {
  if (!isCanonical(`${above}${entry.name}`)) return undefined;
  try {
    return await unlessMissing(folder.enter(entry.name));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
