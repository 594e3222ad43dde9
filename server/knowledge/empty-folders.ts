import { rmdir } from "node:fs/promises";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { areaOf, segmentsOf } from "./area.ts";

/** Removes the folders that a deleted file leaves empty, so that their names are free again. */
export async function removeEmptyFolders(root: string, workspaceId: string, path: string): Promise<void> {
  const { current } = areaOf(path);
  const folders = segmentsOf(path).slice(0, -1);
  for (let name = folders.pop(); name !== undefined; name = folders.pop()) {
    const parent = await unlessMissing(enterWorkspace(root, workspaceId, current, ...folders));
    if (parent === undefined) return;
    await using _parent = parent;
    try {
      await rmdir(parent.at(name));
    } catch (error) {
      if (isErrno(error, "ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR")) return;
      throw error;
    }
  }
}
