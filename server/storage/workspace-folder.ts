import { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "./layout.ts";

/** Opens a folder of a workspace (the workspace's own without `names`). ENOENT when missing, `forbidden` through a link. */
export async function enterWorkspace(root: string, workspaceId: string, ...names: string[]): Promise<Folder> {
  return Folder.below(root, LAYOUT.workspaces, workspaceId, ...names);
}

/** Like `enterWorkspace`, creating what is missing below the workspace's folder; that itself must be there. */
export async function makeInWorkspace(
  root: string,
  workspaceId: string,
  ...names: string[]
): Promise<Folder> {
  if (names.length === 0) return enterWorkspace(root, workspaceId);
  await using workspace = await enterWorkspace(root, workspaceId);
  return await workspace.make(...names);
}
