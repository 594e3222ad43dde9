import { FolderSync } from "../../../disk/folder-sync.ts";
import { ARCHIVE_SUFFIX, LAYOUT } from "../../storage/layout.ts";
import { entriesOf } from "../read/files-below.ts";
import { unlessForeign } from "../read/opened.ts";

/** How much was looked at. */
export interface Extent {
  files: number;
  bytes: number;
  /** Of the files, those that hold a session. */
  archives: number;
}

const INDEX = `${LAYOUT.meta}/${LAYOUT.index}`;
const IN_SESSIONS = `/${LAYOUT.sessions}/`;

/** Of a store, without the index: what lies there now by name and size. Nothing is opened, so what cannot be read counts too. */
export function storeExtent(root: string): Extent {
  const extent = { files: 0, bytes: 0, archives: 0 };
  using folder = FolderSync.enter(root);
  addBelow(extent, folder, "");
  return extent;
}

/** `above`: the folder's path, ending with `/`, or "". */
function addBelow(extent: Extent, folder: FolderSync, above: string): void {
  for (const entry of entriesOf(folder)) {
    const path = `${above}${entry.name}`;
    if (entry.isDirectory() && path !== INDEX) {
      using child = unlessForeign(() => folder.enter(entry.name));
      if (child !== undefined) addBelow(extent, child, `${path}/`);
    }
    const size = entry.isFile() ? folder.look(entry.name)?.size : undefined;
    if (size === undefined) continue;
    extent.files += 1;
    extent.bytes += size;
    if (isArchive(path)) extent.archives += 1;
  }
}

/** Whether a path below a store is an archive's. */
export function isArchive(path: string): boolean {
  return path.endsWith(ARCHIVE_SUFFIX) && path.includes(IN_SESSIONS);
}
