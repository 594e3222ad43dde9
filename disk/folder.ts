import { constants, fstatSync, type BigIntStats, type Dirent } from "node:fs";
import { mkdir, open, readdir, realpath, stat, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isErrno, unlessMissing } from "./errno.ts";
import { FolderDescriptor, leap, OPEN_FOLDER } from "./folder-descriptor.ts";
import { assertFile, assertFolder, assertSegment, notFolder, notRegular } from "./folder-refusals.ts";
import { syncOrStop } from "./sync.ts";

/** O_NONBLOCK: opening a FIFO must not wait for a writer. */
export const OPEN_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FOLDER_MODE = 0o700;
/** Linux reaches children through the open descriptor, so nobody can swap a folder between check and use. */
const BY_DESCRIPTOR = process.platform === "linux";

/**
 * A folder held open. Children are reached through it one name at a time and links are never followed, so a
 * caller cannot leave the tree, not even while somebody renames folders underneath. Off Linux every name is
 * checked with lstat instead, which leaves a race; SECURITY.md says so. Close it, or use `await using`.
 */
export class Folder implements AsyncDisposable {
  readonly #path: string;
  readonly #descriptor: FolderDescriptor | undefined;

  private constructor(path: string, descriptor: FolderDescriptor | undefined) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** Opens a folder whose path is the owner's, not a caller's. Links above it are followed; it must not be one itself. */
  static async open(path: string): Promise<Folder> {
    if (process.platform === "win32") {
      await assertFolder(path);
      return new Folder(path, undefined);
    }
    return new Folder(path, await FolderDescriptor.open(path, OPEN_FOLDER));
  }

  /**
   * `open` and `enter` in one, as fast as one of them: on Linux the folder is opened at once, and counts when it lies
   * where its names say, which shows that no link was on the way. Otherwise it is entered from the folder above it.
   */
  static async below(path: string, ...names: string[]): Promise<Folder> {
    const last = names.at(-1);
    if (last === undefined) return Folder.open(path);
    const descriptor = BY_DESCRIPTOR ? await leap(path, names) : undefined;
    if (descriptor !== undefined) return new Folder(join(path, ...names), descriptor);
    await using above = await Folder.below(path, ...names.slice(0, -1));
    return await above.#openChild(last);
  }

  /** Where a child can be reached for one file-system call while this folder is open. Only for names without `/`. */
  at(name: string): string {
    assertSegment(name);
    return BY_DESCRIPTOR && this.#descriptor !== undefined
      ? `/proc/self/fd/${this.#descriptor.number}/${name}`
      : join(this.#path, name);
  }

  /** Opens a folder below this one. ENOENT when it is missing, `forbidden` when it is a link or no folder. */
  async enter(...names: string[]): Promise<Folder> {
    const last = names.at(-1);
    if (last === undefined) throw new Error("enter needs at least one name");
    if (names.length === 1) return this.#openChild(last);
    const place = BY_DESCRIPTOR ? this.#descriptor?.place : undefined;
    const descriptor = place === undefined ? undefined : await leap(place, names);
    if (descriptor !== undefined) return new Folder(join(this.#path, ...names), descriptor);
    await using above = await this.enter(...names.slice(0, -1));
    return await above.#openChild(last);
  }

  /** Like `enter`, creating what is missing (0700); every new folder's name is durable before this returns. */
  async make(...names: string[]): Promise<Folder> {
    const present = await unlessMissing(this.enter(...names));
    if (present !== undefined) return present;
    const [first = "", ...rest] = names;
    let folder = await this.#makeChild(first);
    for (const name of rest) {
      await using parent = folder;
      folder = await parent.#makeChild(name);
    }
    return folder;
  }

  /** Opens a regular file of this folder for reading. ENOENT when missing, `forbidden` when it is anything else than a regular file. */
  async openFile(name: string): Promise<FileHandle> {
    return (await this.openWithStats(name)).handle;
  }

  /** `openFile`, and what the file was when it was opened. */
  async openWithStats(name: string): Promise<{ handle: FileHandle; stats: BigIntStats }> {
    if (!BY_DESCRIPTOR) await assertFile(this.at(name), name);
    const handle = await this.#openAny(name);
    try {
      // The system has what it says of an open file in memory: a trip to the thread pool would take ten times as long.
      const stats = fstatSync(handle.fd, { bigint: true });
      if (!stats.isFile()) throw notRegular(name);
      return { handle, stats };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Names in this folder, in no order. */
  async names(): Promise<string[]> {
    return readdir(this.#self());
  }

  /** Names in this folder with their kinds, in no order. A link is a link here, whatever it leads to. */
  async entries(): Promise<Dirent[]> {
    return readdir(this.#self(), { withFileTypes: true });
  }

  /** What this folder is now. */
  async stats(): Promise<BigIntStats> {
    return stat(this.#self(), { bigint: true });
  }

  /** Makes names created, renamed or removed in this folder survive a power cut. */
  async sync(): Promise<void> {
    if (this.#descriptor !== undefined) await syncOrStop(this.#descriptor);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#descriptor?.close();
  }

  #self(): string {
    return BY_DESCRIPTOR && this.#descriptor !== undefined
      ? `/proc/self/fd/${this.#descriptor.number}`
      : this.#path;
  }

  async #openAny(name: string): Promise<FileHandle> {
    try {
      return await open(this.at(name), OPEN_FILE);
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENXIO", "ENOTDIR", "ENODEV")) throw notRegular(name, error);
      throw error;
    }
  }

  async #openChild(name: string): Promise<Folder> {
    const path = this.at(name);
    if (!BY_DESCRIPTOR) await assertFolder(path);
    if (process.platform === "win32") return new Folder(path, undefined);
    try {
      return new Folder(join(this.#path, name), await FolderDescriptor.open(path, OPEN_FOLDER));
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENOTDIR")) throw notFolder(error);
      throw error;
    }
  }

  async #makeChild(name: string): Promise<Folder> {
    try {
      await mkdir(this.at(name), { mode: FOLDER_MODE });
      await this.sync();
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
    return this.#openChild(name);
  }
}

/** Creates a folder and its missing parents at a path of the owner's (0700), each name made durable. */
export async function makeFolders(path: string): Promise<void> {
  // One by one: the recursion of mkdir itself never ends below /proc.
  const missing: string[] = [];
  for (let folder = resolve(path); !(await exists(folder)); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    try {
      await mkdir(folder, { mode: FOLDER_MODE });
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
    await using parent = await Folder.open(await realpath(dirname(folder)));
    await parent.sync();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path))) !== undefined;
}
