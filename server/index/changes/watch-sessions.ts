import { AppError } from "../../../contract/errors.ts";
import { isErrno } from "../../../disk/errno.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { LAYOUT } from "../../storage/layout.ts";
import type { FolderWatches } from "./folder-watches.ts";
import { visitFolders } from "../../storage/visit-folders.ts";

/** `2026` and `2026/11`. */
const OURS = /^\d{4}(?:\/\d{2})?$/;

/**
 * Watches the folders of a workspace's sessions, so that whoever lists them need not look at each. True when all are
 * watched; false for what cannot be entered too.
 */
export function watchSessions(root: string, watches: FolderWatches, workspaceId: string): boolean {
  const place = `${LAYOUT.workspaces}/${workspaceId}/${LAYOUT.sessions}`;
  let isWatched = true;
  const entering = (above: string) => {
    isWatched = watches.add(`${place}/${above}`.replace(/\/$/, "")) && isWatched;
  };
  try {
    using top = FolderSync.enter(root, LAYOUT.workspaces, workspaceId, LAYOUT.sessions);
    for (const _ of visitFolders(top, { isOurs: (path) => OURS.test(path), entering }));
    return isWatched;
  } catch (error) {
    // Once there are sessions, the workspace's own folder says so.
    if (isErrno(error, "ENOENT")) return watches.has(`${LAYOUT.workspaces}/${workspaceId}`);
    if (error instanceof AppError || isErrno(error, "EACCES", "EPERM")) return false;
    throw error;
  }
}
