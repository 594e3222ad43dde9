import { pathFault } from "../../contract/path-fault.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { expandHome, pathsIn } from "../home/home.ts";
import { followLinks } from "../home/reach.ts";
import { filesBelow, statusOf, type FileFault, type FileStatus } from "./folder-files.ts";
import { compileGlob } from "./glob.ts";

/** Which file goes where. */
export interface NamedFile {
  workspaceId: string;
  /** Absolute path on this machine. */
  path: string;
  /** Knowledge path on the server. */
  upload: string;
}

/** Whether the server took a file under this name before: then the name is good, and need not be looked at again. */
export type IsStored = (file: NamedFile) => boolean;

/** A file on this machine that belongs into a workspace's knowledge. */
export interface TrackedFile extends NamedFile {
  sizeBytes: number;
  mtimeMs: number;
}

export interface TrackedFiles {
  files: TrackedFile[];
  /** What a manifest names that cannot be sent. */
  faults: FileFault[];
  /** Single files a manifest names that should be there and are not; what the server holds of them stays. */
  missing: string[];
}

/**
 * The files a manifest means, as they are now. Inside a tracked folder links are not followed: whoever can put a
 * link there could otherwise have any file of this machine uploaded.
 */
export async function trackedFiles(
  manifest: Manifest,
  userHome: string,
  isStored: IsStored = () => false,
): Promise<TrackedFiles> {
  const found: TrackedFiles = { files: [], faults: [], missing: [] };
  const { workspace_id: workspaceId } = manifest;
  for (const { local, upload, optional = false } of manifest.tracked) {
    const file = { workspaceId, path: expandHome(local, userHome), upload: upload.normalize("NFC") };
    const status = statusOf(file.path);
    if (status !== undefined) add(found, file, status, isStored);
    else if (!optional || isStored(file)) found.missing.push(file.path);
  }
  for (const { local, upload_prefix: prefix, glob } of manifest.tracked_dirs) {
    const matches = compileGlob(glob);
    const folder = expandHome(local, userHome);
    const pathOf = pathsIn(folder);
    for (const name of filesBelow(await followLinks(folder), (fault) => found.faults.push(fault))) {
      if (!matches(name)) continue;
      const path = pathOf(name);
      const status = statusOf(path);
      const upload = `${prefix}${name}`.normalize("NFC");
      if (status !== undefined) add(found, { workspaceId, path, upload }, status, isStored);
    }
  }
  return oncePerTarget(found);
}

function add(found: TrackedFiles, file: NamedFile, status: FileStatus, isStored: IsStored): void {
  const { path } = file;
  const { sizeBytes, mtimeMs } = status;
  const fault = faultOf(status) ?? (isStored(file) ? undefined : uploadFault(file.upload));
  if (fault !== undefined) found.faults.push({ path, message: fault });
  else if (found.files.length >= LIMITS.client.trackedFiles)
    found.faults.push({ path, message: `more than ${LIMITS.client.trackedFiles} files are tracked` });
  else found.files.push({ ...file, sizeBytes, mtimeMs });
}

function faultOf({ isFile, sizeBytes }: FileStatus): string | undefined {
  if (!isFile) return "it is not a regular file";
  if (sizeBytes > LIMITS.knowledge.fileBytes)
    return `it is larger than ${LIMITS.knowledge.fileBytes} bytes, the most a knowledge file may have`;
  return undefined;
}

function uploadFault(upload: string): string | undefined {
  const fault = pathFault(upload);
  return fault === undefined ? undefined : `"${upload}" cannot be a path on the server: ${fault}`;
}

/** Two files for one place would overwrite each other at every sync: the first one stays, the other is a fault. */
function oncePerTarget(found: TrackedFiles): TrackedFiles {
  const targets = new Map<string, TrackedFile>();
  const faults = [...found.faults];
  for (const file of found.files) {
    const other = targets.get(file.upload);
    if (other === undefined) targets.set(file.upload, file);
    else if (other.path !== file.path)
      faults.push({ path: file.path, message: `"${file.upload}" is already taken by ${other.path}` });
  }
  return { files: [...targets.values()], faults, missing: found.missing };
}
