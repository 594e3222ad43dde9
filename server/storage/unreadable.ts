import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";

/**
 * What `work` gives, or undefined when a workspace's folders cannot be entered: a link or a file in the place of one, no
 * permission, a bad disk. One bad workspace must not hide the others; whoever opens it is told.
 */
export async function unlessUnreadable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isForbidden = error instanceof AppError && error.code === "forbidden";
    if (isForbidden || isErrno(error, "EACCES", "EPERM", "EIO")) return undefined;
    throw error;
  }
}
