import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { assertNamesFree, nameConflict } from "../../disk/name-collision.ts";
import { parseVersionName } from "../storage/layout.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { areaOf, segmentsOf } from "./area.ts";

/**
 * Throws `conflict` when a new document, or its versions, would collide with a name that is there (`assertNamesFree`).
 * `path` is canonical and does not exist yet.
 */
export async function assertNoCollision(root: string, workspaceId: string, path: string): Promise<void> {
  const area = areaOf(path);
  const segments = segmentsOf(path);
  const current = await unlessMissing(enterWorkspace(root, workspaceId, area.current));
  if (current !== undefined) await assertNamesFree(current, segments);
  const versions = await unlessMissing(enterWorkspace(root, workspaceId, ...area.versions));
  if (versions !== undefined) await checkVersionNames(versions, segments);
}

/** A deleted file's versions may have the name that a folder on the way to the new file's versions needs. */
async function checkVersionNames(top: Folder, segments: readonly string[]): Promise<void> {
  let folder = top;
  for (const segment of segments) {
    await using parent = folder;
    const isVersion =
      parseVersionName(segment) !== undefined &&
      (await parent.entries()).some((entry) => entry.name === segment && entry.isFile());
    if (isVersion) throw nameConflict(`"${segment}" is the name of a kept version`);
    const next = await unlessMissing(parent.enter(segment));
    if (next === undefined) return;
    folder = next;
  }
  await folder[Symbol.asyncDispose]();
}
