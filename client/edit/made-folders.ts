import { rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isErrno, unlessMissing } from "../../disk/errno.ts";

/** Removes folders as long as they are empty. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTEMPTY", "EEXIST", "EACCES", "EPERM", "EROFS", "EBUSY")) throw error;
    }
  }
}

/** The folders that a file needs and that are not there, the deepest first. */
export async function missingFolders(real: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(real); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await unlessMissing(stat(folder))) !== undefined) break;
    missing.push(folder);
  }
  return missing;
}
