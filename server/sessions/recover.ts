import { unlink } from "node:fs/promises";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "../storage/layout.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";

/**
 * Removes what uploads left behind when the process died, which was never acknowledged, and makes every name durable:
 * an archive that got its name just before the process died is there, and from now on may be acknowledged.
 */
export async function recoverSessions(root: string, workspaceId: string): Promise<void> {
  const found = await unlessMissing(enterWorkspace(root, workspaceId));
  if (found === undefined) return;
  await using workspace = found;
  await workspace.sync();
  await using sessions = await unlessMissing(workspace.enter(LAYOUT.sessions));
  if (sessions !== undefined) await sweep(sessions, [/^\d{4}$/, /^\d{2}$/]);
}

async function sweep(folder: Folder, [name, ...deeper]: readonly RegExp[]): Promise<void> {
  for (const entry of await folder.entries()) {
    if (entry.isFile() && isTempName(entry.name)) await unlessMissing(unlink(folder.at(entry.name)));
    if (!entry.isDirectory() || name?.test(entry.name) !== true) continue;
    await using child = await folder.enter(entry.name);
    await sweep(child, deeper);
  }
  await folder.sync();
}
