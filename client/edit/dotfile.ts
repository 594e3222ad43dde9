import { access, constants, lstat, realpath, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { readWhole, TempFile } from "../../disk/atomic-file.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { isAlive } from "../home/lock.ts";

const MODE_OF_NEW = 0o600;
const WRITE_BITS = 0o222;
/** A name that a write gives its file until it is whole; others in a folder of others may begin like that too. */
const TEMP_NAME = /^\.tmp-(\d+)-[0-9a-f]{16}$/;

interface Found {
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * A text file of another program, as it was when it was read. It may be missing, and it may be a link, which stays one: the
 * file behind it is replaced, and keeps mode and owner. Attributes beyond these are lost.
 */
export class Dotfile {
  /** Where the file really is, behind all links. */
  readonly real: string;
  /** Empty for a missing file. A byte order mark is its first character. */
  readonly text: string;
  readonly #found: Found | undefined;

  private constructor(real: string, text: string, found: Found | undefined) {
    this.real = real;
    this.text = text;
    this.#found = found;
  }

  /** Throws AppError for what is no UTF-8 text (`invalid_input`), too large, or not ours to read (`forbidden`). */
  static async read(path: string): Promise<Dotfile> {
    const real = await allowed("read", () => realOf(path));
    const found = await allowed("read", () => unlessMissing(look(real)));
    return new Dotfile(real, found === undefined ? "" : decode(found.bytes), found);
  }

  get isThere(): boolean {
    return this.#found !== undefined;
  }

  get bytes(): Buffer | undefined {
    return this.#found?.bytes;
  }

  /**
   * Puts another text in its place, durably, so that a reader sees the old one or the new one. The folder must exist. Throws
   * AppError: `conflict` when the file changed since it was read, `forbidden` when it must not be written. Somebody who
   * writes in the moment between the last look and the rename is overwritten.
   */
  async replace(text: string): Promise<void> {
    await this.#writing(async (folder) => {
      await using temp = await TempFile.create(folder);
      await temp.write(Buffer.from(text));
      await this.#adopt(temp.handle);
      await temp.finish();
      await this.#assertUnchanged();
      await temp.moveTo(basename(this.real));
    });
  }

  /** Throws `forbidden` when it is sure already that the file must not be written. Its folder may be missing. */
  async assertWritable(): Promise<void> {
    // Root may write what is marked as not to be written.
    if (this.#found !== undefined && (this.#found.mode & WRITE_BITS) === 0) throw readOnly();
    await allowed("written", () => unlessMissing(access(dirname(this.real), constants.W_OK)));
  }

  /** Removes what writes of processes that died left beside the file. */
  async sweep(): Promise<void> {
    const sweeping = this.#writing(async (folder) => {
      for (const name of await folder.names()) {
        const pid = TEMP_NAME.exec(name)?.[1];
        if (pid !== undefined && !isAlive(Number(pid))) await unlessMissing(unlink(folder.at(name)));
      }
    });
    await unlessMissing(sweeping);
  }

  /** Removes the file, durably. Throws as `replace` does. */
  async remove(): Promise<void> {
    await this.#writing(async (folder) => {
      await this.#assertUnchanged();
      await unlink(folder.at(basename(this.real)));
    });
  }

  async #writing(work: (folder: Folder) => Promise<void>): Promise<void> {
    await this.assertWritable();
    await allowed("written", async () => {
      await using folder = await Folder.open(dirname(this.real));
      await work(folder);
      await folder.sync();
    });
  }

  async #adopt(handle: FileHandle): Promise<void> {
    const { mode, uid, gid } = this.#found ?? { mode: MODE_OF_NEW };
    const own = await handle.stat();
    if (uid !== undefined && gid !== undefined && (uid !== own.uid || gid !== own.gid))
      await handle.chown(uid, gid);
    await handle.chmod(mode);
  }

  async #assertUnchanged(): Promise<void> {
    const now = await unlessMissing(look(this.real));
    const isSame = now === undefined ? !this.isThere : this.bytes?.equals(now.bytes);
    if (isSame !== true) throw new AppError("conflict", "The file changed while it was being edited");
  }
}

async function realOf(path: string): Promise<string> {
  try {
    const real = await unlessMissing(realpath(path));
    if (real !== undefined) return real;
    const isLink = (await unlessMissing(lstat(path))) !== undefined;
    if (isLink) throw new AppError("invalid_input", "It is a link that leads nowhere");
    const folder = await unlessMissing(realpath(dirname(path)));
    return join(folder ?? dirname(path), basename(path));
  } catch (error) {
    if (!isErrno(error, "ENOTDIR", "ELOOP")) throw error;
    throw new AppError("invalid_input", "What leads to it is no folder, or links in a circle", {
      cause: error,
    });
  }
}

async function look(real: string): Promise<Found> {
  await using folder = await Folder.open(dirname(real));
  await using handle = await folder.openFile(basename(real));
  const { mode, uid, gid } = await handle.stat();
  const bytes = await readWhole(handle, LIMITS.client.editedFileBytes);
  if (bytes === undefined) throw new AppError("too_large", "It is too large to be a settings file");
  return { bytes, mode: mode & 0o7777, uid, gid };
}

/** A replacement character for a broken byte would be written back: such a file is not edited at all. */
function decode(bytes: Buffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new AppError("invalid_input", "It is not text in UTF-8");
}

async function allowed<T>(what: "read" | "written", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EROFS")) throw error;
    throw what === "read"
      ? new AppError("forbidden", "It cannot be read", { cause: error })
      : readOnly(error);
  }
}

function readOnly(cause?: unknown): AppError {
  return new AppError("forbidden", "It is read-only", { cause });
}
