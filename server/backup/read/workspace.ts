import { FolderSync } from "../../../disk/folder-sync.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { unlessForeign } from "./opened.ts";

/** A workspace's folder, by where it lies. */
export interface Workspace {
  root: string;
  id: string;
}

/** A folder of the workspace, its own without `names`; undefined when there is none, or a link is on the way. */
export function enterIn({ root, id }: Workspace, names: readonly string[]): FolderSync | undefined {
  return unlessForeign(() => FolderSync.enter(root, LAYOUT.workspaces, id, ...names));
}

/** Path below MEMORY_ROOT of what lies in the workspace. */
export function pathIn({ id }: Workspace, names: readonly string[]): string {
  return [LAYOUT.workspaces, id, ...names].join("/");
}
