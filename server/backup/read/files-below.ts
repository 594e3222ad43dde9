import type { Dirent } from "node:fs";
import { isTempName } from "../../../disk/atomic-file.ts";
import type { FolderSync } from "../../../disk/folder-sync.ts";
import type { Item } from "../item.ts";
import { fileItem, openedFile, unlessForeign } from "./opened.ts";

/** What stands in a name for bytes that are no Unicode. */
const UNSPELLABLE = "\ufffd";

/** Whether the system has something under a name that Unicode cannot spell: nobody can open that by what is listed. */
export function isUnspellable(folder: FolderSync, name: string): boolean {
  return name.includes(UNSPELLABLE) && folder.look(name) === undefined;
}

/**
 * Everything below a folder, folders before what is in them, sorted. Unfinished writes are left out, and so is what `isWanted`
 * refuses by its path and kind. `above` is the folder's path, ending with `/`, or "".
 */
export function* filesBelow(
  folder: FolderSync,
  above: string,
  isWanted: (path: string, entry: Dirent) => boolean = () => true,
): Generator<Item> {
  for (const entry of entriesOf(folder)) {
    const path = `${above}${entry.name}`;
    if (!isWanted(path, entry)) continue;
    if (!entry.isDirectory() || isUnspellable(folder, entry.name)) {
      yield* anyFile(folder, entry, path);
      continue;
    }
    using child = unlessForeign(() => folder.enter(entry.name));
    if (child === undefined) continue;
    yield { kind: "folder", path };
    yield* filesBelow(child, `${path}/`, isWanted);
  }
}

/** What is in a folder, sorted, without unfinished writes. */
export function entriesOf(folder: FolderSync): Dirent[] {
  const entries = folder.entries().filter(({ name }) => !isTempName(name));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One file that nothing else depends on; said when it is of no kind that a backup holds. */
export function* anyFile(folder: FolderSync, { name }: Pick<Dirent, "name">, path: string): Generator<Item> {
  const isForeign = isUnspellable(folder, name) || folder.look(name)?.isFile() === false;
  using file = isForeign ? undefined : unlessForeign(() => openedFile(folder, name));
  if (isForeign) yield { kind: "skipped", path };
  else if (file !== undefined) yield fileItem(path, file);
}
