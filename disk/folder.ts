import { constants, type Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, stat, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../contract/errors.ts";
import { isErrno, unlessMissing } from "./errno.ts";
import { syncOrStop } from "./sync.ts";

const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
/** O_NONBLOCK: opening a FIFO must not wait for a writer. */
const OPEN_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
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
  readonly #handle: FileHandle | undefined;

  private constructor(path: string, handle: FileHandle | undefined) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Opens a folder whose path is the owner's, not a caller's. Links above it are followed; it must not be one itself. */
  static async open(path: string): Promise<Folder> {
    if (process.platform === "win32") {
      await assertFolder(path);
      return new Folder(path, undefined);
    }
    return new Folder(path, await open(path, OPEN_FOLDER));
  }

  /** Where a child can be reached for one file-system call while this folder is open. Only for names without `/`. */
  at(name: string): string {
    if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0"))
      throw new Error("a child's name is one path segment");
    return BY_DESCRIPTOR && this.#handle !== undefined
      ? `/proc/self/fd/${this.#handle.fd}/${name}`
      : join(this.#path, name);
  }

  /** Opens a folder below this one. ENOENT when it is missing, `forbidden` when it is a link or no folder. */
  async enter(...names: string[]): Promise<Folder> {
    return this.#descend(names, (folder, name) => folder.#openChild(name));
  }

  /** Like `enter`, creating what is missing (0700); every new folder's name is durable before this returns. */
  async make(...names: string[]): Promise<Folder> {
    return this.#descend(names, async (folder, name) => {
      try {
        await mkdir(folder.at(name), { mode: FOLDER_MODE });
        await folder.sync();
      } catch (error) {
        if (!isErrno(error, "EEXIST")) throw error;
      }
      return folder.#openChild(name);
    });
  }

  /** Opens a regular file of this folder for reading. ENOENT when missing, `forbidden` when it is anything else than a regular file. */
  async openFile(name: string): Promise<FileHandle> {
    if (!BY_DESCRIPTOR) await assertFile(this.at(name), name);
    let handle: FileHandle;
    try {
      handle = await open(this.at(name), OPEN_FILE);
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENXIO", "ENOTDIR", "ENODEV")) throw notRegular(name, error);
      throw error;
    }
    try {
      if (!(await handle.stat()).isFile()) throw notRegular(name);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return handle;
  }

  /** Names in this folder, in no order. */
  async names(): Promise<string[]> {
    return readdir(this.#self());
  }

  /** Names in this folder with their kinds, in no order. A link is a link here, whatever it leads to. */
  async entries(): Promise<Dirent[]> {
    return readdir(this.#self(), { withFileTypes: true });
  }

  /** Makes names created, renamed or removed in this folder survive a power cut. */
  async sync(): Promise<void> {
    if (this.#handle !== undefined) await syncOrStop(this.#handle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }

  #self(): string {
    return BY_DESCRIPTOR && this.#handle !== undefined ? `/proc/self/fd/${this.#handle.fd}` : this.#path;
  }

  async #openChild(name: string): Promise<Folder> {
    const path = this.at(name);
    if (!BY_DESCRIPTOR) await assertFolder(path);
    if (process.platform === "win32") return new Folder(path, undefined);
    try {
      return new Folder(join(this.#path, name), await open(path, OPEN_FOLDER));
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENOTDIR")) throw notFolder(error);
      throw error;
    }
  }

  async #descend(names: string[], step: (folder: Folder, name: string) => Promise<Folder>): Promise<Folder> {
    const [first, ...rest] = names;
    if (first === undefined) throw new Error("descend needs at least one name");
    let folder = await step(this, first);
    for (const name of rest) {
      await using parent = folder;
      folder = await step(parent, name);
    }
    return folder;
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

async function assertFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw notFolder();
}

async function assertFile(path: string, name: string): Promise<void> {
  if (!(await lstat(path)).isFile()) throw notRegular(name);
}

function notFolder(cause?: unknown): AppError {
  return new AppError(
    "forbidden",
    "A folder on the way is a link or not a folder; links are never followed",
    { cause },
  );
}

function notRegular(name: string, cause?: unknown): AppError {
  return new AppError("forbidden", `Not a regular file: "${name}"; links and devices are never opened`, {
    cause,
  });
}
