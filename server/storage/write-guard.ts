import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import { SyncError } from "../../disk/sync.ts";

/**
 * Whether this server may write. Writing stops while the disk is nearly full (reads and deletes go on), and for
 * good, until a restart, once an fsync has failed.
 */
export class WriteGuard {
  readonly #root: string;
  #stopped = false;

  constructor(root: string) {
    this.#root = root;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Room on the disk, for this account. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#root);
    return bavail * bsize;
  }

  /** Runs a write of about `bytes` bytes. Throws `storage_full` or `unavailable`; remembers a failed fsync. */
  async write<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await this.#assertRoom(bytes);
    return this.run(work);
  }

  /** Runs a write that frees space or must not be refused for lack of it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stopped) throw stoppedError();
    try {
      return await work();
    } catch (error) {
      if (error instanceof SyncError) {
        this.#stopped = true;
        throw stoppedError(error);
      }
      if (isErrno(error, "ENOSPC", "EDQUOT")) throw fullError(error);
      if (isErrno(error, "EROFS", "EIO", "EMFILE", "ENFILE"))
        throw new AppError("unavailable", "The server's disk refused the write; nothing was stored", {
          cause: error,
        });
      throw error;
    }
  }

  async #assertRoom(bytes: number): Promise<void> {
    if (!hasRoom(await statfs(this.#root), bytes)) throw fullError();
  }
}

/** Whether a disk has room for so many bytes and for what is kept free. */
export function hasRoom(disk: StatsFs, bytes = 0): boolean {
  return disk.bavail * disk.bsize - bytes >= reserveOf(disk);
}

/** The bytes of a disk that are kept free. */
export function reserveOf({ blocks, bsize }: StatsFs): number {
  return Math.max(LIMITS.storage.reserveBytes, blocks * bsize * LIMITS.storage.reserveShare);
}

function fullError(cause?: unknown): AppError {
  return new AppError("storage_full", "The server's disk is full; nothing was stored", {
    cause,
    hint: "Free space on the server, then try again",
  });
}

function stoppedError(cause?: unknown): AppError {
  return new AppError(
    "unavailable",
    "The server stopped writing because its disk did not confirm a write; reading goes on",
    {
      cause,
      hint: "Check the disk, then restart the server",
    },
  );
}
