import { AppError } from "../../contract/errors.ts";
import { isErrno, isSystemError } from "../../disk/errno.ts";
import { SyncError } from "../../disk/sync.ts";

/** What a caller can be told of a failure: what the system refused, without the place on the disk. Others stay as they are. */
export function refusedByDisk(error: unknown): unknown {
  if (isErrno(error, "ENOSPC", "EDQUOT"))
    return new AppError("storage_full", "The disk is full, and nothing was changed", { cause: error });
  if (error instanceof SyncError)
    return new AppError("unavailable", "The disk did not confirm the change", { cause: error });
  return isSystemError(error) ? unusable(error) : error;
}

function unusable(error: NodeJS.ErrnoException): AppError {
  const message = `The folder of this memory cannot be used (${error.code})`;
  const hint = "It must be a folder in which this user may read and write";
  return new AppError("unavailable", message, { hint, cause: error });
}
