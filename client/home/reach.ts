import { realpath } from "node:fs/promises";
import { isErrno } from "../../disk/errno.ts";

/** True when the disk says that a path leads to nothing this person can use: missing, forbidden, a loop, a broken disk. */
export function isUnreachable(error: unknown): boolean {
  return isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EISDIR", "ELOOP", "ENAMETOOLONG", "EIO");
}

/** A path with its links resolved; as it is where it leads to nothing. */
export async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isUnreachable(error)) return path;
    throw error;
  }
}
