import { existsSync, mkdirSync, renameSync } from "node:fs";
import { realpath, rm } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import { readFormat } from "../storage/format.ts";
import { WriteGuard } from "../storage/write-guard.ts";
import { FolderCopy } from "./folder-copy.ts";
import type { Item } from "./item.ts";
import { lostAmong } from "./lost-place.ts";
import { aboutText, BACKUP_FILES, digestsText } from "./manifest.ts";
import { storeItems } from "./order/store.ts";
import { namesFor, newestIn, removeUnfinished, rotate } from "./rotate.ts";

interface BackupOptions {
  memoryRoot: string;
  /** The folder of all backups. */
  into: string;
  keepDays: number;
  version: string;
  /** Called for each item, for whoever waits. */
  progress?: (item: Item) => void;
}

interface Made {
  /** Of the new backup. */
  folder: string;
  files: number;
  bytes: number;
  /** Links, devices and unspellable names in the store, which no backup holds. */
  skipped: string[];
  /** Files that were damaged in the backup before, and were copied anew. */
  renewed: string[];
  /** Names of older backups that were removed. */
  removed: string[];
}

/**
 * Makes a backup of a store, whether a server runs on it or not, and removes what is too old. The new folder has its name
 * once it is whole and durable; a crash before leaves an unfinished one, which a later backup removes. Throws
 * `invalid_input` for a folder in the store, `not_found`, `unavailable` for a store of a later format, `storage_full`.
 */
export async function backup(options: BackupOptions): Promise<Made> {
  const { into, keepDays } = options;
  const root = await readableRoot(options.memoryRoot);
  assertOutside(root, resolve(into));
  await makeFolders(into);
  const backups = await realpath(into);
  assertOutside(root, backups);
  await removeUnfinished(backups, new Date());
  const begin = await begun(backups);
  const copy = new FolderCopy(begin.partial, newestIn(backups));
  await fill(begin, copy, { ...options, root });
  const folder = join(backups, begin.name);
  await putInPlace(begin.partial, folder);
  const { bytes, skipped, renewed, digests } = copy;
  const removed = await rotate(backups, { keepDays, now: begin.now });
  return { folder, files: digests.size, bytes, skipped, renewed, removed };
}

/** Copies the whole store; what fails leaves nothing behind. */
async function fill(
  { partial, now }: Begun,
  copy: FolderCopy,
  { root, version, progress }: Pick<BackupOptions, "version" | "progress"> & { root: string },
): Promise<void> {
  try {
    await new WriteGuard(partial).run(async () => {
      for await (const item of storeItems(root)) {
        await copy.put(item);
        progress?.(item);
      }
      await copy.finish();
      await describe(partial, copy, { made_at: now.toISOString(), version });
    });
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Gives the backup its name, for good. */
async function putInPlace(partial: string, place: string): Promise<void> {
  renameSync(partial, place);
  await using backups = await Folder.open(dirname(place));
  await backups.sync();
}

/** The place of a store without links. Throws `not_found` where there is none, and `unavailable` for one of a later format. */
export async function readableRoot(memoryRoot: string): Promise<string> {
  try {
    const root = await realpath(memoryRoot);
    await readFormat(root);
    return root;
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    throw new AppError("not_found", `There is no store of a server in ${memoryRoot}`, {
      cause: error,
      hint: "Set MEMORY_ROOT to the folder of the server's data",
    });
  }
}

/** Throws `invalid_input` for a place in the store: a backup would hold itself. */
export function assertOutside(store: string, place: string): void {
  const way = relative(store, place);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
  throw new AppError("invalid_input", "A backup of a store cannot lie in it", {
    hint: "Name a folder outside MEMORY_ROOT, on another disk if there is one",
  });
}

async function describe(
  folder: string,
  { digests, bytes, skipped }: FolderCopy,
  about: { made_at: string; version: string },
): Promise<void> {
  const text = digestsText(digests);
  await using opened = await Folder.open(folder);
  await replaceFile(opened, BACKUP_FILES.digests, text);
  await replaceFile(
    opened,
    BACKUP_FILES.about,
    aboutText({
      ...about,
      files: digests.size,
      bytes,
      sha256: sha256(text),
      left_out: lostAmong(skipped),
    }),
  );
}

/** A backup that is not whole yet. */
interface Begun {
  /** Its folder until then. */
  partial: string;
  /** Of the folder that it becomes. */
  name: string;
  now: Date;
}

/** A new folder to make a backup in; waits while there is one of this second. */
async function begun(backups: string): Promise<Begun> {
  for (;;) {
    const now = new Date();
    const { name, unfinished } = namesFor(now);
    const partial = join(backups, unfinished);
    if (!existsSync(join(backups, name)) && isMade(partial)) return { partial, name, now };
    await sleep(LIMITS.backup.nameWaitMs);
  }
}

/** False when it is there already. */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}
