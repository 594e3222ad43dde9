import { channel } from "node:diagnostics_channel";
import { isErrno } from "./errno.ts";

/**
 * A failed fsync. The kernel may have dropped the dirty pages, so trying again on the same descriptor could
 * report a success that never happened: whoever sees this stops writing. Source: fsync(2) on Linux since 4.13.
 */
export class SyncError extends Error {
  override readonly name = "SyncError";
}

/** What is published of every fsync of this thread, on the diagnostics channel of this name. */
export interface Flush {
  ms: number;
  /** The disk confirmed it, or has nothing to confirm. */
  isConfirmed: boolean;
}
export const FLUSH_CHANNEL = "federated-memory:fsync";
const flushes = channel(FLUSH_CHANNEL);

/** fsync of an open file or folder, once. Throws SyncError. */
export async function syncOrStop(handle: { sync(): Promise<void> }): Promise<void> {
  if (!flushes.hasSubscribers) return flush(handle);
  const startedMs = performance.now();
  let isConfirmed = false;
  try {
    await flush(handle);
    isConfirmed = true;
  } finally {
    flushes.publish({ ms: performance.now() - startedMs, isConfirmed } satisfies Flush);
  }
}

async function flush(handle: { sync(): Promise<void> }): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to fsync a folder at all; then there is nothing a folder fsync could add.
    if (isErrno(error, "EINVAL", "ENOTSUP")) return;
    throw new SyncError("the disk did not confirm a write", { cause: error });
  }
}

/** Whether a message of the channel is what is published there. */
export function isFlush(message: unknown): message is Flush {
  if (typeof message !== "object" || message === null || !("ms" in message && "isConfirmed" in message))
    return false;
  return typeof message.ms === "number" && typeof message.isConfirmed === "boolean";
}
