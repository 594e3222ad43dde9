import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { Manifest } from "../../contract/manifest.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import { withTilde, type Home } from "../home/home.ts";

/** Instruction files that agents keep at the root of a project. */
const INSTRUCTION_FILES = ["CLAUDE.md", "AGENTS.md"];

export interface ManifestRequest {
  workspaceId: string;
  machine: string;
  tool: string;
  project: string;
  /** Absolute, existing. */
  cwd: string;
  /** Folder of Claude Code's own notes about the project, existing or not; absent for other tools. */
  autoMemory: string | undefined;
  userHome: string;
}

/** A manifest for a project: its instruction files, there or not yet, and the notes Claude Code keeps about it. */
export async function draftManifest(request: ManifestRequest): Promise<Manifest> {
  const { workspaceId, machine, tool, project, cwd, autoMemory, userHome } = request;
  const tracked: Manifest["tracked"] = [];
  const seen = new Set<string>();
  for (const name of INSTRUCTION_FILES) {
    const path = join(cwd, name);
    const file = { local: withTilde(path, userHome), upload: name };
    if (await isMissing(path)) tracked.push({ ...file, optional: true });
    const real = await realFileInside(cwd, name);
    // One of the two is often a link to the other.
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    tracked.push(file);
  }
  return {
    workspace_id: workspaceId,
    machine,
    tool,
    project,
    cwd: withTilde(cwd, userHome),
    tracked,
    tracked_dirs:
      autoMemory === undefined
        ? []
        : [{ local: withTilde(autoMemory, userHome), upload_prefix: "auto/", glob: "**/*.md" }],
  };
}

/** Writes a manifest where `loadManifests` finds it; gives its path. */
export async function saveManifest(home: Home, manifest: Manifest): Promise<string> {
  await makeFolders(home.manifests);
  await using folder = await Folder.open(home.manifests);
  const path = manifestPath(home, manifest.workspace_id);
  await replaceFile(folder, basename(path), `${JSON.stringify(manifest, null, 2)}\n`);
  return path;
}

/** True when the workspace has a manifest already; its owner may have edited it. */
export async function hasManifest(home: Home, workspaceId: string): Promise<boolean> {
  return (await unlessMissing(readFile(manifestPath(home, workspaceId)))) !== undefined;
}

export function manifestPath(home: Home, workspaceId: string): string {
  return join(home.manifests, `${workspaceId}.json`);
}

/** A folder with links resolved; undefined when there is none. */
export async function realFolder(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "EACCES")) return undefined;
    throw error;
  }
}

/** True where nothing is, not even a link. */
async function isMissing(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) === undefined;
}

/** The real path of a file of the project; undefined when it is missing or a link that leads out of the project. */
async function realFileInside(cwd: string, name: string): Promise<string | undefined> {
  try {
    const real = await realpath(join(cwd, name));
    const inside = relative(await realpath(cwd), real);
    if (inside.startsWith("..") || !(await stat(real)).isFile()) return undefined;
    return real;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ELOOP", "EACCES", "ENOTDIR")) return undefined;
    throw error;
  }
}
