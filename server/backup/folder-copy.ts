import { createHash } from "node:crypto";
import { futimesSync, linkSync, mkdirSync, openSync, closeSync, writeSync } from "node:fs";
import { join, posix } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import { earlierFile, type Earlier } from "./earlier.ts";
import { Flushes } from "./flushes.ts";
import type { FileItem, Item, Sink } from "./item.ts";
import { assertRoom } from "./room.ts";

/**
 * Writes items into a folder of its own, which nobody else writes to. Files that an earlier backup has, by path, size and
 * time, become second names of its files, if these still are what it says of them. Durable once `finish` returned. Throws `damaged` for a path that comes twice, or
 * goes through a file, and `storage_full` before the disk is.
 */
export class FolderCopy implements Sink {
  /** SHA-256 of every file, by path. */
  readonly digests = new Map<string, string>();
  /** Of all files, whether they were written or linked. */
  bytes = 0;
  readonly skipped: string[] = [];
  /** Paths of files that the earlier backup has, but not as they were: they were copied anew. */
  readonly renewed: string[] = [];
  readonly #folder: string;
  readonly #earlier: Earlier | undefined;
  readonly #flushes = new Flushes();
  readonly #folders = new Set<string>();
  readonly #sizes = new Map<string, number>();

  constructor(folder: string, earlier?: Earlier) {
    this.#folder = folder;
    this.#earlier = earlier;
  }

  async put(item: Item): Promise<void> {
    switch (item.kind) {
      case "folder":
        return this.#makeFolder(item.path);
      case "file":
        return this.#file(item);
      case "link":
        return this.#link(item);
      case "skipped":
        return void this.skipped.push(item.path);
    }
  }

  /** Makes all of it durable. */
  async finish(): Promise<void> {
    await this.#flushes.settle();
    // Windows opens no folders, and needs no such flush.
    if (process.platform === "win32") return;
    for (const folder of ["", ...this.#folders]) await this.#flushes.add(openSync(this.#at(folder), "r"));
    await this.#flushes.settle();
  }

  async #file(item: FileItem): Promise<void> {
    this.#makeFolder(posix.dirname(item.path));
    const known = this.#linkEarlier(item);
    this.#keep(item.path, { digest: known ?? (await this.#write(item)), bytes: item.sizeBytes });
  }

  #link({ path, to }: { path: string; to: string }): void {
    const digest = this.digests.get(to);
    if (digest === undefined) throw new AppError("damaged", `${path} is a link to ${to}, which is not there`);
    this.#makeFolder(posix.dirname(path));
    refuseTwice(path, () => linkSync(this.#at(to), this.#at(path)));
    this.#keep(path, { digest, bytes: this.#sizes.get(to) ?? 0 });
  }

  #keep(path: string, { digest, bytes }: { digest: string; bytes: number }): void {
    this.digests.set(path, digest);
    this.#sizes.set(path, bytes);
    this.bytes += bytes;
  }

  /** The digest of the earlier backup's file, which has this name too now; undefined when it is another one. */
  #linkEarlier(item: FileItem): string | undefined {
    const earlier = this.#earlier && earlierFile(this.#earlier, item);
    if (earlier === undefined) return undefined;
    if (!earlier.isWhole) return void this.renewed.push(item.path);
    try {
      linkSync(earlier.from, this.#at(item.path));
      return earlier.digest;
    } catch (error) {
      if (isErrno(error, "EPERM", "ENOSYS", "ENOTSUP", "EXDEV", "EMLINK")) return undefined;
      throw error;
    }
  }

  async #write({ path, sizeBytes, modified, pieces }: FileItem): Promise<string> {
    assertRoom(this.#folder, sizeBytes);
    const descriptor = refuseTwice(path, () => openSync(this.#at(path), "wx", 0o600));
    const hash = createHash("sha256");
    try {
      for await (const piece of pieces()) {
        hash.update(piece);
        for (let done = 0; done < piece.length;) done += writeSync(descriptor, piece, done);
      }
      futimesSync(descriptor, modified, modified);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    await this.#flushes.add(descriptor);
    return hash.digest("hex");
  }

  #makeFolder(path: string): void {
    if (path === "." || this.#folders.has(path)) return;
    this.#makeFolder(posix.dirname(path));
    refuseTwice(path, () => mkdirSync(this.#at(path), { mode: 0o700 }));
    this.#folders.add(path);
  }

  #at(path: string): string {
    return join(this.#folder, path);
  }
}

function refuseTwice<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!isErrno(error, "EEXIST", "ENOTDIR")) throw error;
    throw new AppError("damaged", `${path} comes twice`, { cause: error });
  }
}
