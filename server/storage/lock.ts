import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../../contract/errors.ts";
import { makeFolders } from "../../disk/folder.ts";
import { LAYOUT } from "./layout.ts";

/** SQLITE_BUSY. Source: sqlite.org/rescode.html */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * The right to write under MEMORY_ROOT, for one process at a time. It is a lock of the kernel, so it ends with the
 * process however that dies; nothing goes stale. Throws `unavailable` while another process holds it. Never open
 * the lock file otherwise: closing any descriptor of it would give the lock up.
 */
export async function acquireLock(root: string): Promise<AsyncDisposable> {
  const meta = join(root, LAYOUT.meta);
  await makeFolders(meta);
  const database = new DatabaseSync(join(meta, LAYOUT.lock), { timeout: 0 });
  try {
    await chmod(join(meta, LAYOUT.lock), 0o600);
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (hasCode(error, NOT_A_DATABASE))
      throw new AppError("damaged", `_meta/${LAYOUT.lock} is not a lock file`, {
        cause: error,
        hint: "Remove it; it holds no data",
      });
    if (hasCode(error, BUSY))
      throw new AppError("unavailable", "Another server is already running on this MEMORY_ROOT", {
        cause: error,
        hint: "Stop it first, or give this one another MEMORY_ROOT",
      });
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      if (database.isOpen) database.close();
    },
  };
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === code;
}
