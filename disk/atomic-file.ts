import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, lstat, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isErrno, isSystemError, unlessMissing } from "./errno.ts";
import type { Folder } from "./folder.ts";
import { syncOrStop } from "./sync.ts";

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const FILE_MODE = 0o600;
const TEMP_PREFIX = ".tmp-";
/** How a file system says that it has no hard links, or no more of them. */
const NO_LINKS = ["EPERM", "ENOSYS", "ENOTSUP", "EXDEV", "EMLINK"];
/** Scanners and indexers on Windows hold files for moments: rename is tried again for this long. */
const WINDOWS_RENAME_MS = 10_000;

/** True for the name of a file that a write left behind when the process died. */
export function isTempName(name: string): boolean {
  return name.startsWith(TEMP_PREFIX);
}

/** A file being written beside its target. It is removed when disposed, unless it was renamed away before. */
export class TempFile implements AsyncDisposable {
  readonly name: string;
  readonly handle: FileHandle;
  readonly #folder: Folder;
  #open = true;
  #moved = false;

  private constructor(folder: Folder, name: string, handle: FileHandle) {
    this.#folder = folder;
    this.name = name;
    this.handle = handle;
  }

  static async create(folder: Folder): Promise<TempFile> {
    const name = `${TEMP_PREFIX}${process.pid}-${randomBytes(8).toString("hex")}`;
    return new TempFile(folder, name, await open(folder.at(name), CREATE, FILE_MODE));
  }

  /** Writes all of `data` at the end of what was written before. */
  async write(data: Uint8Array): Promise<void> {
    await writeAll(this.handle, data);
  }

  /** Makes the bytes durable and closes the file. */
  async finish(): Promise<void> {
    await syncOrStop(this.handle);
    await this.close();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.handle.close();
  }

  /** Puts the finished file in the place of `name`, atomically; the caller syncs the folder. */
  async moveTo(name: string, folder: Folder = this.#folder): Promise<void> {
    await renamePatiently(this.#folder.at(this.name), folder.at(name));
    this.#moved = true;
  }

  /**
   * Puts the finished file in the place of `name` only if nothing is there, whatever it is (EEXIST otherwise); the caller
   * syncs the folder. Where the file system has no hard links it looks first, which leaves a moment for others.
   */
  async moveToFree(name: string): Promise<void> {
    try {
      await link(this.#folder.at(this.name), this.#folder.at(name));
    } catch (error) {
      if (!isErrno(error, ...NO_LINKS)) throw error;
      await assertFree(this.#folder.at(name));
      return this.moveTo(name);
    }
    await this.#dropName();
  }

  /** Now, so that the caller's sync covers it too. What the system refuses is left to disposal: the file is in its place. */
  async #dropName(): Promise<void> {
    try {
      await unlink(this.#folder.at(this.name));
      this.#moved = true;
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    if (!this.#moved) await unlink(this.#folder.at(this.name)).catch(ignoreMissing);
  }
}

/**
 * Replaces a file by new bytes so that a reader, and whoever comes after a crash at any moment, sees the old
 * file or the new one, whole. Durable when it returns: data fsync, rename, folder fsync. Throws SyncError.
 */
export async function replaceFile(folder: Folder, name: string, data: string | Uint8Array): Promise<void> {
  await using temp = await TempFile.create(folder);
  await temp.write(typeof data === "string" ? Buffer.from(data) : data);
  await temp.finish();
  await temp.moveTo(name);
  await folder.sync();
}

/** Gives a file a second name, only if that name is free (EEXIST otherwise). Copies where hard links do not exist. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isErrno(error, ...NO_LINKS)) throw error;
    await copyWhole(from, to);
  }
}

async function assertFree(path: string): Promise<void> {
  const present = await unlessMissing(lstat(path));
  if (present !== undefined) throw Object.assign(new Error("something is there already"), { code: "EEXIST" });
}

/** Leaves no part of a copy under the new name when it fails. */
async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await using copy = await open(to, "r+");
    await syncOrStop(copy);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) await unlink(to).catch(ignoreMissing);
    throw error;
  }
}

/** Reads a whole file of at most `limitBytes`; undefined when it is longer. */
export async function readWhole(handle: FileHandle, limitBytes: number): Promise<Buffer | undefined> {
  const { size: sizeBytes } = await handle.stat();
  return readSized(handle, { sizeBytes, limitBytes });
}

/** As `readWhole`, of a file whose size was asked a moment ago. */
export async function readSized(
  handle: FileHandle,
  { sizeBytes, limitBytes }: { sizeBytes: number; limitBytes: number },
): Promise<Buffer | undefined> {
  if (sizeBytes > limitBytes) return undefined;
  // One byte more than there should be: where it stays empty the file has ended, and nothing more has to be asked.
  const data = Buffer.allocUnsafe(sizeBytes + 1);
  const { bytesRead } = await handle.read(data, 0, data.length, 0);
  if (bytesRead === sizeBytes) return data.subarray(0, sizeBytes);
  // Somebody writes into it meanwhile.
  const all = await handle.readFile();
  return all.length > limitBytes ? undefined : all;
}

async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < data.length) {
    const { bytesWritten } = await handle.write(data, offset, data.length - offset);
    if (bytesWritten === 0) throw new Error("the disk took no bytes");
    offset += bytesWritten;
  }
}

/** rename(2), tried again for a while where Windows says that somebody has the file, or one of the folder, open. */
export async function renamePatiently(from: string, to: string): Promise<void> {
  const deadline = Date.now() + WINDOWS_RENAME_MS;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = process.platform === "win32" && isErrno(error, "EPERM", "EACCES", "EBUSY");
      if (!busy || Date.now() > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!isErrno(error, "ENOENT")) throw error;
}
