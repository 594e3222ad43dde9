import { unlink } from "node:fs/promises";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "../storage/layout.ts";

/** Removes what uploads left behind when the process died. They were never acknowledged. */
export async function removeLeftovers(root: string, workspaceId: string): Promise<void> {
  await using top = await Folder.open(root);
  const sessions = await unlessMissing(top.enter(LAYOUT.workspaces, workspaceId, LAYOUT.sessions));
  if (sessions === undefined) return;
  await using folder = sessions;
  await sweep(folder, [/^\d{4}$/, /^\d{2}$/]);
}

async function sweep(folder: Folder, [name, ...deeper]: readonly RegExp[]): Promise<void> {
  for (const entry of await folder.entries()) {
    if (entry.isFile() && isTempName(entry.name)) await unlessMissing(unlink(folder.at(entry.name)));
    if (!entry.isDirectory() || name?.test(entry.name) !== true) continue;
    await using child = await folder.enter(entry.name);
    await sweep(child, deeper);
  }
}
