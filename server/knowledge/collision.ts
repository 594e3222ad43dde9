import type { Dirent } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { foldCase } from "../../contract/names.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { parseVersionName } from "../storage/layout.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { areaOf, segmentsOf } from "./area.ts";

const NOT_ASCII = /[^\0-\u007f]/;

/**
 * Throws `conflict` when a new document would share its name, or one of its folders', with something that
 * some file system takes for the same, or would need a folder where a file is. So a copy of the store fits
 * everywhere. `path` is canonical and does not exist yet.
 */
export async function assertNoCollision(root: string, workspaceId: string, path: string): Promise<void> {
  const area = areaOf(path);
  const segments = segmentsOf(path);
  const current = await unlessMissing(enterWorkspace(root, workspaceId, area.current));
  if (current !== undefined) await checkNames(current, segments);
  const versions = await unlessMissing(enterWorkspace(root, workspaceId, ...area.versions));
  if (versions !== undefined) await checkVersionNames(versions, segments);
}

async function checkNames(top: Folder, segments: readonly string[]): Promise<void> {
  let folder = top;
  for (const [index, segment] of segments.entries()) {
    await using parent = folder;
    const entries = await parent.entries();
    const same = entries.find(({ name }) => name === segment);
    const isLast = index === segments.length - 1;
    if (same === undefined) return assertNoFold(entries, segment);
    if (isLast && same.isDirectory()) throw conflict(`"${segment}" is a folder`);
    if (!isLast && same.isFile()) throw conflict(`"${segment}" is a file, so nothing can be below it`);
    if (!isLast) folder = await parent.enter(segment);
  }
}

function assertNoFold(entries: readonly Dirent[], segment: string): void {
  const folded = fold(segment);
  const twin = entries.find(({ name }) => fold(name) === folded);
  if (twin !== undefined)
    throw conflict(`"${segment}" and "${twin.name}" are one name on systems that ignore case`);
}

/** A deleted file's versions may have the name that a folder on the way to the new file's versions needs. */
async function checkVersionNames(top: Folder, segments: readonly string[]): Promise<void> {
  let folder = top;
  for (const segment of segments) {
    await using parent = folder;
    const isVersion =
      parseVersionName(segment) !== undefined &&
      (await parent.entries()).some((entry) => entry.name === segment && entry.isFile());
    if (isVersion) throw conflict(`"${segment}" is the name of a kept version`);
    const next = await unlessMissing(parent.enter(segment));
    if (next === undefined) return;
    folder = next;
  }
  await folder[Symbol.asyncDispose]();
}

/** `foldCase`, made fast for the names that most files have. */
function fold(name: string): string {
  return NOT_ASCII.test(name) ? foldCase(name) : name.toLowerCase();
}

function conflict(message: string): AppError {
  return new AppError("conflict", message, { hint: "Choose another path" });
}
