import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathFault } from "../../contract/knowledge-path.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { isErrno } from "../../disk/errno.ts";
import { expandHome } from "../home/home.ts";
import { followLinks } from "../home/reach.ts";
import { compileGlob } from "./glob.ts";

/** Folders that hold other people's files or a tool's own. */
const SKIPPED_FOLDERS = new Set([".git", "node_modules"]);

/** A file on this machine that belongs into a workspace's knowledge. */
export interface TrackedFile {
  workspaceId: string;
  /** Absolute path on this machine. */
  path: string;
  /** Knowledge path on the server. */
  upload: string;
  sizeBytes: number;
  mtimeMs: number;
}

/** A file or folder a manifest names that cannot be sent. */
export interface TrackedFault {
  path: string;
  message: string;
}

export interface TrackedFiles {
  files: TrackedFile[];
  faults: TrackedFault[];
  /** Single files a manifest names that are not there; what the server holds of them stays. */
  missing: string[];
}

/**
 * The files a manifest means, as they are now. Inside a tracked folder links are not followed: whoever can put a
 * link there could otherwise have any file of this machine uploaded.
 */
export async function trackedFiles(manifest: Manifest, userHome: string): Promise<TrackedFiles> {
  const found: TrackedFiles = { files: [], faults: [], missing: [] };
  for (const { local, upload } of manifest.tracked) {
    const path = expandHome(local, userHome);
    const status = await statusOf(path);
    if (status === undefined) found.missing.push(path);
    else await add(found, manifest, path, upload);
  }
  for (const { local, upload_prefix: prefix, glob } of manifest.tracked_dirs) {
    const matches = compileGlob(glob);
    for await (const name of namesBelow(expandHome(local, userHome), found))
      if (matches(name))
        await add(found, manifest, join(expandHome(local, userHome), name), `${prefix}${name}`);
  }
  return oncePerTarget(found);
}

async function add(found: TrackedFiles, manifest: Manifest, path: string, upload: string): Promise<void> {
  const canonical = upload.normalize("NFC");
  const status = await statusOf(path);
  if (status === undefined) return;
  const fault = faultOf(canonical, status);
  if (fault !== undefined) found.faults.push({ path, message: fault });
  else if (found.files.length >= LIMITS.client.trackedFiles)
    found.faults.push({ path, message: `more than ${LIMITS.client.trackedFiles} files are tracked` });
  else
    found.files.push({
      workspaceId: manifest.workspace_id,
      path,
      upload: canonical,
      sizeBytes: status.sizeBytes,
      mtimeMs: status.mtimeMs,
    });
}

interface Status {
  isFile: boolean;
  sizeBytes: number;
  mtimeMs: number;
}

function faultOf(upload: string, { isFile, sizeBytes }: Status): string | undefined {
  if (!isFile) return "it is not a regular file";
  if (sizeBytes > LIMITS.knowledge.fileBytes)
    return `it is larger than ${LIMITS.knowledge.fileBytes} bytes, the most a knowledge file may have`;
  const fault = pathFault(upload);
  return fault === undefined ? undefined : `"${upload}" cannot be a path on the server: ${fault}`;
}

async function statusOf(path: string): Promise<Status | undefined> {
  try {
    const status = await stat(path);
    return { isFile: status.isFile(), sizeBytes: status.size, mtimeMs: status.mtimeMs };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    if (isErrno(error, "EACCES", "ELOOP", "EPERM")) return { isFile: false, sizeBytes: 0, mtimeMs: 0 };
    throw error;
  }
}

/** Relative names of the regular files below a folder, in a stable order. A folder that does not exist has none. */
async function* namesBelow(root: string, found: TrackedFiles): AsyncGenerator<string> {
  const start = await followLinks(root);
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await entriesOf(join(start, folder), found);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) yield name;
      else if (
        entry.isDirectory() &&
        !SKIPPED_FOLDERS.has(entry.name) &&
        name.split("/").length < LIMITS.client.trackedDepth
      )
        folders.push(name);
    }
  }
}

async function entriesOf(folder: string, found: TrackedFiles): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EIO")) {
      found.faults.push({ path: folder, message: `the folder cannot be read (${error.code})` });
      return [];
    }
    throw error;
  }
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
