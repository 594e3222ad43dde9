import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { isSystemError, unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { ChangeLock, LOCK_NAME } from "./change-lock.ts";
import { DELETED_PREFIX } from "./folder-files.ts";
import { isOurs } from "./walk.ts";

/**
 * Removes what changes left behind whose process died: unfinished files, and folders on their way out. Only what is older than
 * `client.memoryLeftoverMs`, and nothing while somebody changes the memory or the folder cannot be changed: there is a next time.
 */
export async function removeLeftovers(root: string, now: number = Date.now()): Promise<void> {
  try {
    await new ChangeLock(root).hold(() => sweep(root, [], now), 0);
  } catch (error) {
    if (!(error instanceof AppError) && !isSystemError(error)) throw error;
  }
}

async function sweep(root: string, names: readonly string[], now: number): Promise<void> {
  await using folder = await Folder.below(root, ...names);
  for (const entry of await folder.entries()) {
    const path = [...names, entry.name];
    if (isLeftover(entry.name)) await removeOld(folder.at(entry.name), join(root, ...path), now);
    else if (entry.isDirectory() && isOurs(entry, path.join("/"))) await sweep(root, path, now);
  }
}

function isLeftover(name: string): boolean {
  return isTempName(name) || name.startsWith(DELETED_PREFIX) || name.startsWith(`${LOCK_NAME}.`);
}

/** When it was renamed or written last: a folder that is deleted keeps its time of change. */
async function removeOld(seen: string, path: string, now: number): Promise<void> {
  const status = await unlessMissing(lstat(seen));
  if (status === undefined || now - status.ctimeMs < LIMITS.client.memoryLeftoverMs) return;
  await rm(path, { recursive: true, force: true });
}
