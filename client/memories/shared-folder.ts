import { realpath } from "node:fs/promises";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { MemoryBytes, MemoryEntry, MemoryFiles, SharedMemoryFiles } from "../../memory-tool/files.ts";
import { ChangeLock } from "./change-lock.ts";
import { FolderFiles } from "./folder-files.ts";
import { removeLeftovers } from "./leftovers.ts";
import { refusedByDisk } from "./refused-by-disk.ts";

/** A memory in a folder that several programs use at a time: changes take turns, reads wait for nobody. */
export class SharedFolder implements SharedMemoryFiles {
  readonly #files: FolderFiles;
  readonly #lock: ChangeLock;

  private constructor(root: string) {
    this.#files = new FolderFiles(root);
    this.#lock = new ChangeLock(root);
  }

  /** Makes the folder (0700) where it is missing; a link to one is the person's choice. Throws what the system says. */
  static async open(path: string): Promise<SharedFolder> {
    await makeFolders(path);
    const root = await realpath(path);
    // A file in its place is said now, and not at the first call.
    await using _folder = await Folder.open(root);
    await removeLeftovers(root);
    return new SharedFolder(root);
  }

  alone<T>(work: (files: MemoryFiles) => Promise<T>): Promise<T> {
    return told(this.#lock.hold(() => work(this.#files)));
  }

  look(path: string): Promise<"file" | "folder" | undefined> {
    return told(this.#files.look(path));
  }

  list(path: string): Promise<readonly MemoryEntry[]> {
    return told(this.#files.list(path));
  }

  read(path: string): Promise<MemoryBytes | undefined> {
    return told(this.#files.read(path));
  }

  create(path: string, bytes: Buffer): Promise<"done" | "exists"> {
    return this.alone((files) => files.create(path, bytes));
  }

  replace(path: string, bytes: Buffer, sha256: string): Promise<"done" | "changed" | "missing"> {
    return this.alone((files) => files.replace(path, bytes, sha256));
  }

  remove(path: string): Promise<"done" | "missing"> {
    return this.alone((files) => files.remove(path));
  }

  rename(from: string, to: string): Promise<"done" | "missing" | "exists"> {
    return this.alone((files) => files.rename(from, to));
  }

  clear(): Promise<void> {
    return this.alone((files) => files.clear());
  }
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refusedByDisk(error);
  }
}
