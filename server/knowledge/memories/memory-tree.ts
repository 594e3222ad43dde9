import type { Dirent } from "node:fs";
import { setImmediate as othersTurn } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import { isTempName } from "../../../disk/atomic-file.ts";
import { unlessMissing } from "../../../disk/errno.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { LISTED_LEVELS, type MemoryEntry } from "../../../memory-tool/files.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { visitFolders } from "../../storage/visit-folders.ts";
import { documentPathOf } from "../area.ts";
import { removeEmptyFolders } from "../empty-folders.ts";
import { tidy } from "../tidy.ts";
import { isCanonical } from "../walk.ts";

/** What lies below a folder of memories. Paths are below `/memories`, in no order but that folders come after those they are in. */
export interface MemoryTree {
  files: { path: string; bytes: number }[];
  folders: string[];
  /** Whether something of others lies there too: a link, or a name that no memory can have. */
  hasOthers: boolean;
}

/** Looks through a folder of memories, `""` for all of them. Empty where there is none. Throws `forbidden` for a link. */
export async function treeOf(root: string, workspaceId: string, path: string): Promise<MemoryTree> {
  const empty: MemoryTree = { files: [], folders: [], hasOthers: false };
  return (await unlessMissing(lookThrough(root, workspaceId, path))) ?? empty;
}

/** Two levels of a tree, each folder before what is in it, names by UTF-16 units; with the bytes of all that is below. */
export function entriesOf({ files, folders }: MemoryTree, path: string): MemoryEntry[] {
  const above = path === "" ? 0 : path.split("/").length;
  const isListed = (at: string) => at.split("/").length - above <= LISTED_LEVELS;
  const entries = new Map<string, MemoryEntry>();
  for (const folder of folders.filter(isListed))
    entries.set(folder, { path: folder, kind: "folder", bytes: 0 });
  for (const file of files) {
    for (const entry of foldersAbove(file.path).flatMap((at) => entries.get(at) ?? []))
      entry.bytes += file.bytes;
    if (isListed(file.path)) entries.set(file.path, { kind: "file", ...file });
  }
  return [...entries.values()].sort((a, b) => compareNames(a.path.split("/"), b.path.split("/")));
}

/** Removes a folder and those in it, as far as they are empty: also those that a person made. */
export async function removeEmptyTree(
  root: string,
  workspaceId: string,
  { path, tree }: { path: string; tree: MemoryTree },
): Promise<void> {
  const folders = path === "" ? tree.folders : [path, ...tree.folders];
  for (const folder of folders.toReversed())
    await tidy(removeEmptyFolders(root, workspaceId, documentPathOf(`${folder}/any`)));
}

/** Without promises: with one for each file it would take far longer. Others get their turn meanwhile. */
async function lookThrough(root: string, workspaceId: string, path: string): Promise<MemoryTree> {
  const names = path === "" ? [] : path.split("/");
  using top = FolderSync.enter(root, LAYOUT.workspaces, workspaceId, LAYOUT.memories, ...names);
  const tree: MemoryTree = { files: [], folders: [], hasOthers: false };
  const base = path === "" ? "" : `${path}/`;
  let since = performance.now();
  for (const { folder, above, entries } of visitFolders(top, { isOurs: (at) => isOurs(`${base}${at}`) }))
    for (const entry of entries) {
      add(tree, { folder, entry, path: `${base}${above}${entry.name}` });
      if (performance.now() - since < LIMITS.concurrency.busyMs) continue;
      await othersTurn();
      since = performance.now();
    }
  return tree;
}

function add(tree: MemoryTree, found: { folder: FolderSync; entry: Dirent; path: string }): void {
  const { folder, entry, path } = found;
  if (isTempName(entry.name)) return;
  if (!isOurs(path) || !(entry.isFile() || entry.isDirectory())) tree.hasOthers = true;
  else if (entry.isDirectory()) tree.folders.push(path);
  else tree.files.push({ path, bytes: folder.look(entry.name)?.size ?? 0 });
}

function isOurs(path: string): boolean {
  return isCanonical(documentPathOf(path));
}

function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function compareNames(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, index) => name !== b[index]);
  if (at === -1) return a.length - b.length;
  const other = b[at];
  return other === undefined || (a[at] ?? "") > other ? 1 : -1;
}
