import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  type Dirent,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { isErrno } from "./errno.ts";
import { OPEN_FILE } from "./folder.ts";
import { leapSync, OPEN_FOLDER } from "./folder-descriptor.ts";
import { assertSegment, notFolder, notRegular } from "./folder-refusals.ts";

const HAS_DESCRIPTORS = process.platform !== "win32";
const BY_DESCRIPTOR = process.platform === "linux";

/** A file that is open, and what it was when it was opened. */
export interface OpenFileSync extends Disposable {
  descriptor: number;
  stats: Stats;
}

/**
 * `Folder` without promises, for threads that do nothing else meanwhile: opening a file takes a tenth of the time. The
 * same promises: links are never followed, off Linux with a race. Close it, or use `using`.
 */
export class FolderSync implements Disposable {
  readonly #path: string;
  readonly #descriptor: number | undefined;

  private constructor(path: string, descriptor: number | undefined) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Opens a folder below `root`, whose own path is the owner's: in one step where it can, as `Folder.below`. ENOENT when it
   * is missing, `forbidden` when it is a link or no folder.
   */
  static enter(root: string, ...names: string[]): FolderSync {
    const descriptor = BY_DESCRIPTOR ? leapSync(root, names) : undefined;
    if (descriptor !== undefined) return new FolderSync(join(root, ...names), descriptor);
    let folder = FolderSync.#open(root, root);
    for (const name of names) {
      using parent = folder;
      folder = parent.enter(name);
    }
    return folder;
  }

  /** Opens a folder in this one. Throws as the other `enter` does. */
  enter(name: string): FolderSync {
    return FolderSync.#open(join(this.#path, name), this.at(name));
  }

  /** As of `Folder`. */
  at(name: string): string {
    assertSegment(name);
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.#descriptor}/${name}` : join(this.#path, name);
  }

  /** Names in this folder, in no order. */
  names(): string[] {
    return readdirSync(this.#self());
  }

  /** Names in this folder with their kinds, in no order. A link is a link here, whatever it leads to. */
  entries(): Dirent[] {
    return readdirSync(this.#self(), { withFileTypes: true });
  }

  /** What is there under this name now: a link is a link. Undefined when nothing is. */
  look(name: string): Stats | undefined {
    return lstatSync(this.at(name), { throwIfNoEntry: false });
  }

  /** A regular file's bytes, undefined when there are more than `limitBytes`, and what it was then. ENOENT, `forbidden`. */
  read(name: string, limitBytes: number): { stats: Stats; bytes: Buffer | undefined } {
    using file = this.openFile(name);
    const { stats, descriptor } = file;
    return { stats, bytes: stats.size > limitBytes ? undefined : readAll(descriptor, limitBytes) };
  }

  /** Opens a regular file for reading. ENOENT, `forbidden`. */
  openFile(name: string): OpenFileSync {
    const descriptor = this.#openFile(name);
    const close = { [Symbol.dispose]: () => closeSync(descriptor) };
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return { descriptor, stats, ...close };
    closeSync(descriptor);
    throw notRegular(name);
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }

  #self(): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.#descriptor}` : this.#path;
  }

  static #open(path: string, at: string): FolderSync {
    if (!BY_DESCRIPTOR && !lstatSync(at).isDirectory()) throw notFolder();
    if (!HAS_DESCRIPTORS) return new FolderSync(path, undefined);
    try {
      return new FolderSync(path, openSync(at, OPEN_FOLDER));
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENOTDIR")) throw notFolder(error);
      throw error;
    }
  }

  #openFile(name: string): number {
    if (!BY_DESCRIPTOR && !lstatSync(this.at(name)).isFile()) throw notRegular(name);
    try {
      return openSync(this.at(name), OPEN_FILE);
    } catch (error) {
      if (isErrno(error, "ELOOP", "EMLINK", "ENXIO", "ENOTDIR", "ENODEV")) throw notRegular(name, error);
      throw error;
    }
  }
}

/** Everything a file holds, also when it grew since its size was asked; undefined when that is more than the limit. */
function readAll(descriptor: number, limitBytes: number): Buffer | undefined {
  const bytes = readFileSync(descriptor);
  return bytes.length > limitBytes ? undefined : bytes;
}
