import { createReadStream, existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import type { Item } from "./item.ts";
import { BACKUP_FILES } from "./manifest.ts";
import { folderItems } from "./stored.ts";
import { tarItems } from "./tar/tar-items.ts";

/** What stands for the bytes that this program is given to read. */
const INPUT = "-";

/** Everything in a backup: a folder, or a tar, which may be `-`. Throws `not_found`. */
export function backupItems(from: string): AsyncIterable<Item> | Iterable<Item> {
  if (isFolder(from)) return folderItems(realpathSync(from));
  return tarItems(from === INPUT ? process.stdin : createReadStream(from));
}

/** Whether a path says that it is a backup: a tar can be nothing else. Throws `not_found`. */
export function isBackup(path: string): boolean {
  return !isFolder(path) || existsSync(join(path, BACKUP_FILES.about));
}

/** Whether a path is a folder's. Throws `not_found` when nothing is there. */
export function isFolder(path: string): boolean {
  if (path === INPUT) return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new AppError("not_found", `There is no file or folder ${path}`);
  return stats.isDirectory();
}
