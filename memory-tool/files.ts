/** Levels below a folder that its listing names. */
export const LISTED_LEVELS = 2;

/** A file or folder as a listing shows it. */
export interface MemoryEntry {
  /** Below `/memories`, without a slash at either end. */
  path: string;
  kind: "file" | "folder";
  /** Of a folder: of all files below it. */
  bytes: number;
}

/** A file's content, and its SHA-256 in hexadecimal, by which `replace` knows whether it has changed since. */
export interface MemoryBytes {
  bytes: Buffer;
  sha256: string;
}

/**
 * The files below `/memories`, wherever they are kept. Paths are canonical and relative to it, as `memoryPathOf` gives them;
 * the empty path is the root, which is always there. Other folders exist while a file is in them.
 *
 * A change is whole or not there at all, also after a crash, and calls may overlap: of two that exclude each other, one wins.
 * All throw `AppError`: `conflict` where a name differs from one that is there in case only, a file is in the way of a folder,
 * or something that is not ours lies in a folder; `too_large` and `storage_full` for quotas and the disk; `forbidden` for links.
 */
export interface MemoryFiles {
  look(path: string): Promise<"file" | "folder" | undefined>;
  /** `LISTED_LEVELS` below a folder, nothing of a file or where nothing is; each folder before what is in it, the names of one folder in the order of their UTF-16 units. */
  list(path: string): Promise<readonly MemoryEntry[]>;
  /** Undefined where no file is. */
  read(path: string): Promise<MemoryBytes | undefined>;
  /** A new file, with the folders above it. `exists`: a file or folder has the name; nothing is ever replaced. */
  create(path: string, bytes: Buffer): Promise<"done" | "exists">;
  /** Only if the file still has the digest `sha256`. */
  replace(path: string, bytes: Buffer, sha256: string): Promise<"done" | "changed" | "missing">;
  /** A file, or a folder with everything below it. */
  remove(path: string): Promise<"done" | "missing">;
  /** A file or a folder. Never replaces one, nor merges folders; `to` is not below `from`. */
  rename(from: string, to: string): Promise<"done" | "missing" | "exists">;
  /** Removes everything. */
  clear(): Promise<void>;
}

/** Files below `/memories` that several agents change at a time. */
export interface SharedMemoryFiles extends MemoryFiles {
  /** Several steps that no other agent's change comes between. What they change, they must change through `files`. */
  alone<T>(work: (files: MemoryFiles) => Promise<T>): Promise<T>;
}
