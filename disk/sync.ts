import { isErrno } from "./errno.ts";

/**
 * A failed fsync. The kernel may have dropped the dirty pages, so trying again on the same descriptor could
 * report a success that never happened: whoever sees this stops writing. Source: fsync(2) on Linux since 4.13.
 */
export class SyncError extends Error {
  override readonly name = "SyncError";
}

/** fsync of an open file or folder, once. Throws SyncError. */
export async function syncOrStop(handle: { sync(): Promise<void> }): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to fsync a folder at all; then there is nothing a folder fsync could add.
    if (isErrno(error, "EINVAL", "ENOTSUP")) return;
    throw new SyncError("the disk did not confirm a write", { cause: error });
  }
}
