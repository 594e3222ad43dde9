import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";

const POLL_MS = 100;
const TOUCH_MS = 60_000;
/** A holder writes its name right after creating the file; an empty file older than this has no living holder. */
const NAMELESS_MS = 10_000;

/**
 * A lock between processes of one person: a file that names its holder. The folder must exist. A holder that
 * died is found by its process id, one on another machine by the age of the file. Node has no kernel locks, so
 * two processes that clear the same dead lock at the same instant could both hold it: use it only to avoid
 * double work, or where the loser's work is repeated later.
 */
export class Lock implements AsyncDisposable {
  readonly #path: string;
  readonly #holder: string;
  readonly #touch: NodeJS.Timeout;

  private constructor(path: string, holder: string) {
    this.#path = path;
    this.#holder = holder;
    this.#touch = setInterval(() => void touch(path), TOUCH_MS);
    this.#touch.unref();
  }

  /** Takes the lock, waiting at most `waitMs`; undefined when somebody else still holds it. */
  static async take(path: string, waitMs: number): Promise<Lock | undefined> {
    const deadline = Date.now() + waitMs;
    const holder = `${process.pid} ${hostname()} ${randomBytes(8).toString("hex")}`;
    for (;;) {
      if (await create(path, holder)) return new Lock(path, holder);
      if (await removeDead(path)) continue;
      if (Date.now() >= deadline) return undefined;
      await sleep(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#touch);
    if ((await holderOf(this.#path)) === this.#holder) await remove(this.#path);
  }
}

/** True while the process runs, as far as this machine can tell. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return !isErrno(error, "ESRCH");
  }
}

async function create(path: string, holder: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(holder);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** Removes the lock if its holder is gone; true when it is worth trying again. */
async function removeDead(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === undefined) return true;
  if (!(await isDead(path, holder))) return false;
  // Moved, not removed: if somebody else was faster, the lock moved away is a living one and goes back.
  const moved = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, moved);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    throw error;
  }
  if ((await holderOf(moved)) !== holder) await link(moved, path).catch(ignoreTaken);
  await remove(moved);
  return true;
}

async function isDead(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.split(" ");
  const ageMs = await ageOf(path);
  if (pid === undefined || host === undefined) return ageMs > NAMELESS_MS;
  if (host === hostname() && !isAlive(Number(pid))) return true;
  return ageMs > LIMITS.client.claimStaleMs;
}

async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return 0;
    throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // A lock that cannot be touched only looks older than it is.
  await utimes(path, now, now).catch(() => undefined);
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

function ignoreTaken(error: unknown): void {
  if (!isErrno(error, "EEXIST")) throw error;
}
