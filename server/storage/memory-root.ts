import { realpath } from "node:fs/promises";
import { makeFolders } from "../../disk/folder.ts";
import { openRoot } from "./format.ts";
import { acquireLock } from "./lock.ts";

/**
 * MEMORY_ROOT, made ready and locked for this process until it is disposed. `path` may be or pass through a link:
 * that is the owner's choice. Throws `unavailable` while another process holds it, or for a newer disk format.
 */
export async function openMemoryRoot(path: string): Promise<{ root: string } & AsyncDisposable> {
  await makeFolders(path);
  const root = await realpath(path);
  const lock = await acquireLock(root);
  try {
    await openRoot(root);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  return { root, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
}
