import type { Dirent } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import type { FolderSync } from "../../disk/folder-sync.ts";

/** A folder of a tree, open while it is visited. */
interface Visited {
  folder: FolderSync;
  /** Its path below the folder where the tree begins, ending with `/`; "" for that folder itself. */
  above: string;
  entries: Dirent[];
}

interface Visit {
  /** Which folders belong to the tree, by their paths without the `/` at the end. */
  isOurs: (path: string) => boolean;
  /** Called for each folder, by its `above`, before its entries are read: who watches it then misses nothing. */
  entering?: (above: string) => void;
}

/** Every folder of a tree, parents first. Links, and folders that cannot be entered, are left out. */
export function* visitFolders(folder: FolderSync, visit: Visit, above = ""): Generator<Visited> {
  visit.entering?.(above);
  const entries = folder.entries();
  yield { folder, above, entries };
  for (const entry of entries) {
    if (!entry.isDirectory() || !visit.isOurs(`${above}${entry.name}`)) continue;
    using child = entered(folder, entry.name);
    if (child !== undefined) yield* visitFolders(child, visit, `${above}${entry.name}/`);
  }
}

function entered(folder: FolderSync, name: string): FolderSync | undefined {
  try {
    return folder.enter(name);
  } catch (error) {
    if (error instanceof AppError || isErrno(error, "ENOENT", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
