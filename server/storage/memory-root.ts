import { access, realpath } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import { makeFolders } from "../../disk/folder.ts";
import { openRoot } from "./format.ts";
import { readLocalAdmin } from "./local-admin.ts";
import { acquireLock } from "./lock.ts";

/**
 * MEMORY_ROOT, made ready and locked for this process until it is disposed. `path` may be or pass through a link:
 * that is the owner's choice. Throws `unavailable` while another process holds it, or for a newer disk format.
 */
export async function openMemoryRoot(path: string): Promise<{ root: string } & AsyncDisposable> {
  await makeFolders(path);
  const root = await realpath(path);
  const lock = await lockOf(root);
  try {
    await openRoot(root);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  return { root, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
}

/** A mistyped MEMORY_ROOT must not become a new, empty one. Throws `not_found`. */
export async function assertExists(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    throw new AppError("not_found", `There is no folder ${path}`, {
      cause: error,
      hint: "Set MEMORY_ROOT to the folder of the server's data",
    });
  }
}

/** The lock; when another process holds it, the error says where that one listens. */
async function lockOf(root: string): Promise<AsyncDisposable> {
  try {
    return await acquireLock(root);
  } catch (error) {
    const running =
      error instanceof AppError && error.code === "unavailable" ? await readLocalAdmin(root) : undefined;
    if (running === undefined) throw error;
    throw new AppError(
      "unavailable",
      `Another server is already running on this MEMORY_ROOT, at ${running.url}`,
      {
        cause: error,
        hint: "Stop it first, or give this one another MEMORY_ROOT",
      },
    );
  }
}
