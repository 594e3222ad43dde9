import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { sha256OfPieces } from "../../disk/digest.ts";
import { isErrno } from "../../disk/errno.ts";
import type { FileItem } from "./item.ts";

const PIECE_BYTES = 256 * 1024;

/** A backup that is whole already, from which unchanged files are taken. */
export interface Earlier {
  folder: string;
  digests: ReadonlyMap<string, string>;
}

/**
 * The earlier backup's file with this path, size and time; undefined when it has none. All of it is read: a bad block would
 * be in every later backup, however good the store's own file is. Not whole: it has other bytes than the backup says.
 */
export function earlierFile(
  { folder, digests }: Earlier,
  { path, sizeBytes, modified }: FileItem,
): { from: string; digest: string; isWhole: boolean } | undefined {
  const digest = digests.get(path);
  if (digest === undefined) return undefined;
  const from = join(folder, path);
  const stats = lstatSync(from, { throwIfNoEntry: false });
  const isSame = stats?.isFile() === true && stats.size === sizeBytes;
  if (!isSame || Math.round(stats.mtimeMs) !== modified.getTime()) return undefined;
  return { from, digest, isWhole: digestAt(from) === digest };
}

/** Undefined for what the disk cannot read. */
function digestAt(path: string): string | undefined {
  const descriptor = openSync(path, "r");
  try {
    return sha256OfPieces(piecesOf(descriptor));
  } catch (error) {
    if (isErrno(error, "EIO")) return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function* piecesOf(descriptor: number): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let bytes = readSync(descriptor, piece); bytes > 0; bytes = readSync(descriptor, piece))
    yield piece.subarray(0, bytes);
}
