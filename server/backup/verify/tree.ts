import type { Stats } from "node:fs";
import { isTempName } from "../../../disk/atomic-file.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { isLostPlace } from "../lost-place.ts";
import { isUnspellable } from "../read/files-below.ts";
import { unlessForeign } from "../read/opened.ts";
import { finding, type Finding, type Look } from "./finding.ts";

/** What others may do with a file of the store's. */
const OTHERS = 0o077;

/** It may be a link, and what is in it is nobody's to judge. */
const INDEX = `${LAYOUT.meta}/${LAYOUT.index}`;

const INTENT = new RegExp(
  `^${LAYOUT.workspaces}/[^/]+/${LAYOUT.versions}/${LAYOUT.memoriesIntent}$`.replaceAll(".", "\\."),
);

/** What lies in a store and is none of it, or lies open to others. One look for each folder. */
export function* treeLooks(root: string, path = ""): Generator<Look> {
  using folder = entered(root, path);
  if (folder === undefined) return;
  yield () => folderFindings(root, path);
  for (const entry of folder.entries()) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory() && below !== INDEX) yield* treeLooks(root, below);
  }
}

function folderFindings(root: string, path: string): Finding[] {
  using folder = entered(root, path);
  if (folder === undefined) return [];
  return folder.names().flatMap((name) => {
    const stats = folder.look(name);
    const at = path === "" ? name : `${path}/${name}`;
    if (isUnspellable(folder, name))
      return [
        finding("name.unreadable", at, "its name is no Unicode: nobody reads it, and no backup holds it"),
      ];
    return stats === undefined || at === INDEX ? [] : entryFindings(at, { name, stats });
  });
}

function entryFindings(path: string, { name, stats }: { name: string; stats: Stats }): Finding[] {
  const isFolderOrFile = stats.isFile() || stats.isDirectory();
  if (!isFolderOrFile && isLostPlace(path))
    return [
      finding("place.lost", path, "a link or a device; the store's own place is not read or backed up"),
    ];
  if (stats.isSymbolicLink()) return [finding("link", path, "a link; the server never follows one")];
  if (!isFolderOrFile)
    return [finding("device", path, "neither a file nor a folder; the server never opens it")];
  const isOld = Date.now() - stats.mtimeMs > LIMITS.backup.unfinishedMs;
  if (INTENT.test(path) && isOld)
    return [finding("temp.old", path, "a change of memories that was cut short; the next start finishes it")];
  if (isTempName(name) && isOld)
    return [
      finding(
        "temp.old",
        path,
        "what a write left that was cut short; the next start of the server removes it",
      ),
    ];
  const isOpen = process.platform !== "win32" && (stats.mode & OTHERS) !== 0;
  const isSecret = path === LAYOUT.meta || path.startsWith(`${LAYOUT.meta}/`);
  return isOpen && isSecret ? [finding("mode", path, "others than the server's user may open it")] : [];
}

function entered(root: string, path: string): FolderSync | undefined {
  return unlessForeign(() => FolderSync.enter(root, ...(path === "" ? [] : path.split("/"))));
}
