import { fstatSync, readSync, type BigIntStats } from "node:fs";
import { AppError } from "../../../contract/errors.ts";
import { isErrno } from "../../../disk/errno.ts";
import type { FolderSync } from "../../../disk/folder-sync.ts";
import type { FileItem } from "../item.ts";

const PIECE_BYTES = 256 * 1024;

/** A regular file that is open: whatever gets its name meanwhile, these are its bytes. */
export interface Opened extends Disposable {
  descriptor: number;
  stats: BigIntStats;
}

/** Opens a regular file; undefined when it is gone. Throws `forbidden` for a link or a device. */
export function openedFile(folder: FolderSync, name: string): Opened | undefined {
  const file = unlessGone(() => folder.openFile(name));
  if (file === undefined) return undefined;
  const { descriptor } = file;
  const stats = fstatSync(descriptor, { bigint: true });
  return { descriptor, stats, [Symbol.dispose]: () => file[Symbol.dispose]() };
}

/** What `work` gives; undefined when the file or folder is gone. */
export function unlessGone<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** What `work` gives; undefined when the file or folder is gone, is a link, or is of another kind. */
export function unlessForeign<T>(work: () => T): T | undefined {
  try {
    return unlessGone(work);
  } catch (error) {
    if (error instanceof AppError && error.code === "forbidden") return undefined;
    throw error;
  }
}

/** A file of this machine: its bytes come without waiting for another thread. */
interface OpenedItem extends FileItem {
  pieces: () => Iterable<Buffer>;
}

/** An open file as an item: valid while it is open. */
export function fileItem(path: string, { descriptor, stats }: Opened): OpenedItem {
  const sizeBytes = Number(stats.size);
  // As the server rounds it: what it says of a version's time must be the same of the copy.
  const modified = new Date(Math.round(Number(stats.mtimeNs) / 1e6));
  return { kind: "file", path, sizeBytes, modified, pieces: () => piecesOf(descriptor, { sizeBytes, path }) };
}

function* piecesOf(
  descriptor: number,
  { sizeBytes, path }: { sizeBytes: number; path: string },
): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes));
  for (let done = 0; done < sizeBytes;) {
    const bytes = readable(path, () =>
      readSync(descriptor, piece, 0, Math.min(piece.length, sizeBytes - done), done),
    );
    if (bytes === 0) throw new AppError("conflict", `${path} became shorter while it was read`);
    yield piece.subarray(0, bytes);
    done += bytes;
  }
}

/** Throws `damaged`, with the path, for what the disk cannot read. */
function readable(path: string, read: () => number): number {
  try {
    return read();
  } catch (error) {
    if (!isErrno(error, "EIO")) throw error;
    throw new AppError("damaged", `The disk cannot read ${path}`, { cause: error });
  }
}

/** All of a small file, as it is now; can be asked for again. */
export function readText(file: Opened): string {
  const size = Number(file.stats.size);
  const bytes = Buffer.alloc(size);
  for (let done = 0; done < size;) {
    const count = readSync(file.descriptor, bytes, done, size - done, done);
    if (count === 0) break;
    done += count;
  }
  return bytes.toString("utf8");
}
