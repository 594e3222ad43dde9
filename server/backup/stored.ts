import { lstatSync } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "../../disk/digest.ts";
import { FolderSync } from "../../disk/folder-sync.ts";
import type { Item } from "./item.ts";
import { BACKUP_FILES, parseAbout, parseDigests, type About } from "./manifest.ts";
import { filesBelow } from "./read/files-below.ts";
import { openedFile, readText, unlessForeign } from "./read/opened.ts";

/** What a backup says of itself. */
export interface Manifest {
  about: About;
  digests: Map<string, string>;
}

/** Every file of a folder that nobody writes to; files with several names in it come once, then as links. */
export function* folderItems(folder: string): Generator<Item> {
  using top = FolderSync.enter(folder);
  const first = new Map<string, string>();
  for (const item of filesBelow(top, "")) {
    const inode = item.kind === "file" ? sharedInode(`${folder}/${item.path}`) : undefined;
    const to = inode === undefined ? undefined : first.get(inode);
    if (inode !== undefined) first.set(inode, to ?? item.path);
    yield to === undefined ? item : { kind: "link", path: item.path, to };
  }
}

/** Undefined for a file with one name. */
function sharedInode(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined || stats.nlink < 2n ? undefined : `${stats.dev} ${stats.ino}`;
}

/** What the backup in this folder says of itself; undefined when it holds none that is whole. Throws `damaged`, `unavailable`. */
export function manifestOf(folder: string): Manifest | undefined {
  const about = textIn(folder, BACKUP_FILES.about);
  if (about === undefined) return undefined;
  return manifestIn({ about, digests: textIn(folder, BACKUP_FILES.digests) });
}

/** What those two files say, of which either may be missing. Throws `damaged` where they do not fit each other. */
export function manifestIn(texts: { about?: string | undefined; digests?: string | undefined }): Manifest {
  if (texts.about === undefined)
    throw new AppError(
      "damaged",
      `There is no ${BACKUP_FILES.about}: this is no backup, or one that was cut short`,
      { hint: "Give a folder or a tar that `federated-memory backup` made" },
    );
  const about = parseAbout(texts.about);
  if (texts.digests === undefined) throw new AppError("damaged", `The backup has no ${BACKUP_FILES.digests}`);
  if (sha256(texts.digests) !== about.sha256)
    throw new AppError(
      "damaged",
      `${BACKUP_FILES.digests} of the backup is not what ${BACKUP_FILES.about} says`,
    );
  return { about, digests: parseDigests(texts.digests) };
}

function textIn(folder: string, name: string): string | undefined {
  using top = unlessForeign(() => FolderSync.enter(folder));
  using file = top && unlessForeign(() => openedFile(top, name));
  return file && readText(file);
}
