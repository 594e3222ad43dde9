import { lstat } from "node:fs/promises";
import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { readSized } from "../../../disk/atomic-file.ts";
import { sha256 } from "../../../disk/digest.ts";
import { unlessMissing } from "../../../disk/errno.ts";
import { notRegular } from "../../../disk/folder-refusals.ts";
import type { MemoryBytes } from "../../../memory-tool/files.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { enterWorkspace } from "../../storage/workspace-folder.ts";
import { openCurrent } from "../current-file.ts";
import type { Place } from "../place.ts";

/** What is there, below `/memories`; `""` is the root, which is always there. Throws `forbidden` for a link on the way, or there. */
export async function lookAt(
  root: string,
  workspaceId: string,
  path: string,
): Promise<"file" | "folder" | undefined> {
  if (path === "") return "folder";
  const names = path.split("/");
  let folder = await unlessMissing(enterWorkspace(root, workspaceId, LAYOUT.memories));
  for (const [index, name] of names.entries()) {
    if (folder === undefined) return undefined;
    await using parent = folder;
    const stats = await unlessMissing(lstat(parent.at(name)));
    if (stats === undefined) return undefined;
    if (index < names.length - 1)
      folder = stats.isFile() ? undefined : await unlessMissing(parent.enter(name));
    else if (stats.isFile()) return "file";
    else if (stats.isDirectory()) return "folder";
    else throw notRegular(name);
  }
  return undefined;
}

/** A memory, an image too; undefined when no file is there. Throws `forbidden` for links and folders, `too_large`. */
export async function readMemory(place: Place): Promise<MemoryBytes | undefined> {
  await using current = await openCurrent(place);
  if (current === undefined) return undefined;
  const limitBytes = LIMITS.memories.imageBytes;
  const bytes = await readSized(current.handle, { sizeBytes: current.sizeBytes, limitBytes });
  if (bytes === undefined) throw tooLarge(place.path);
  return { bytes, sha256: sha256(bytes) };
}

/** Why a file that a person put there is neither shown nor moved. */
export function tooLarge(path: string): AppError {
  return new AppError("too_large", `"${path}" is larger than ${LIMITS.memories.imageBytes} bytes`, {
    hint: "It was put there by hand; of the changes only its deletion is possible",
  });
}
