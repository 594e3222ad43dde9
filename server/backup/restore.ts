import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from "node:fs";
import { realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import { readFormat } from "../storage/format.ts";
import { WriteGuard } from "../storage/write-guard.ts";
import { FolderCopy } from "./folder-copy.ts";
import { textOf, type Item } from "./item.ts";
import { BACKUP_FILES } from "./manifest.ts";
import { manifestDifferences } from "./manifest-differences.ts";
import { manifestIn } from "./stored.ts";
import { assertPath } from "./tar/safe-path.ts";

interface RestoreOptions {
  /** Everything in the backup, in any order. */
  items: AsyncIterable<Item> | Iterable<Item>;
  /** The new store: a folder that is missing or empty. */
  into: string;
  progress?: (item: Item) => void;
}

/** What was restored. */
interface Restored {
  folder: string;
  files: number;
  bytes: number;
  madeAt: string;
}

/**
 * Makes a store of a backup. Every file is compared with its digest on the way, and the store gets its name once it is whole
 * and durable: a crash before leaves no store there. Throws `conflict` for a link and for a folder that holds something, `damaged`
 * for a backup that is not what it was, `unavailable` for a later format, `storage_full`.
 */
export async function restore({ items, into, progress }: RestoreOptions): Promise<Restored> {
  assertNoLink(resolve(into));
  assertEmpty(into);
  await makeFolders(dirname(resolve(into)));
  const target = join(await realpath(dirname(resolve(into))), basename(resolve(into)));
  const unfinished = `${target}.restoring-${randomBytes(4).toString("hex")}`;
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    const copy = new FolderCopy(unfinished);
    const { about } = await new WriteGuard(unfinished).run(async () => {
      const manifest = assertWhole(copy, await fill(copy, items, progress));
      await readFormat(unfinished);
      await copy.finish();
      return manifest;
    });
    await putInPlace(unfinished, target);
    return { folder: target, files: copy.digests.size, bytes: copy.bytes, madeAt: about.made_at };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

interface Texts {
  about?: string;
  digests?: string;
}

/** Puts everything into the new store, but for what a backup says of itself. */
async function fill(copy: FolderCopy, items: RestoreOptions["items"], progress: RestoreOptions["progress"]) {
  const texts: Texts = {};
  for await (const item of items) {
    assertPath(item.path);
    progress?.(item);
    if (item.kind === "skipped")
      throw new AppError(
        "damaged",
        `${item.path} of the backup is a link or a device; no backup of ours holds one`,
      );
    if (item.kind === "file" && item.path === BACKUP_FILES.about) texts.about = await textOf(item);
    else if (item.kind === "file" && item.path === BACKUP_FILES.digests) texts.digests = await textOf(item);
    else await copy.put(item);
  }
  return texts;
}

/** Throws `damaged` unless the files are those that the backup names, with their digests. */
function assertWhole(copy: FolderCopy, texts: Texts) {
  const manifest = manifestIn(texts);
  const [first, ...more] = manifestDifferences(manifest.digests, copy.digests);
  if (first === undefined) return manifest;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new AppError("damaged", `${first.path}: ${first.what}${others}`, {
    hint: "federated-memory verify lists all that is wrong with a backup; nothing was restored",
  });
}

/** Throws `conflict` for a link, wherever it leads: the new store takes the place of its folder, not of what a link leads to. */
function assertNoLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new AppError("conflict", `${path} is a link`, {
    hint: "Name the folder that it leads to; nothing was restored",
  });
}

/** Throws `conflict` unless the folder is missing or empty. */
function assertEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) return;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    if (!isErrno(error, "ENOTDIR")) throw error;
  }
  throw new AppError("conflict", `${folder} is not empty`, {
    hint: "Restore into a new folder, then set MEMORY_ROOT to it, or swap the two while no server runs",
  });
}

async function putInPlace(from: string, target: string): Promise<void> {
  // Only an empty folder goes; what came into it meanwhile stays, and stops this.
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) rmdirSync(target);
  renameSync(from, target);
  await using above = await Folder.open(dirname(target));
  await above.sync();
}
