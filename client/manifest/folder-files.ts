import { readdirSync, statSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";

/** Folders that hold other people's files or a tool's own. */
const SKIPPED_FOLDERS = new Set([".git", "node_modules"]);

/** A file as a listing shows it. */
export interface FileStatus {
  isFile: boolean;
  sizeBytes: number;
  mtimeMs: number;
}

/** A file or folder that cannot be used. */
export interface FileFault {
  path: string;
  message: string;
}

/** What there is under a path now, through links; undefined when nothing is. Nothing else runs meanwhile: waiting for each of many files takes several times as long. */
export function statusOf(path: string): FileStatus | undefined {
  try {
    const status = statSync(path);
    return { isFile: status.isFile(), sizeBytes: status.size, mtimeMs: status.mtimeMs };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    if (isErrno(error, "EACCES", "ELOOP", "EPERM")) return { isFile: false, sizeBytes: 0, mtimeMs: 0 };
    throw error;
  }
}

/** Relative names of the regular files below a folder, in a stable order. A folder that does not exist has none. */
export function* filesBelow(start: string, onFault: (fault: FileFault) => void): Generator<string> {
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = entriesOf(join(start, folder), onFault);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) yield name;
      else if (
        entry.isDirectory() &&
        !SKIPPED_FOLDERS.has(entry.name) &&
        name.split("/").length < LIMITS.client.trackedDepth
      )
        folders.push(name);
    }
  }
}

function entriesOf(folder: string, onFault: (fault: FileFault) => void): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    if (!isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EIO")) throw error;
    onFault({ path: folder, message: `the folder cannot be read (${error.code})` });
    return [];
  }
}
