import { randomBytes } from "node:crypto";
import { readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import { linkOrCopy } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { isErrno, isSystemError, unlessMissing } from "../../disk/errno.ts";

/**
 * A lock between processes of one person: a file that names its holder. The folder must exist. A holder that died
 * is found by its process id, one on another machine (or one that was stopped for so long) by the age of the file.
 */
export class Lock implements AsyncDisposable {
  readonly #path: string;
  readonly #holder: string;
  readonly #touch: NodeJS.Timeout;

  private constructor(path: string, holder: string) {
    this.#path = path;
    this.#holder = holder;
    this.#touch = setInterval(() => void touch(path, holder), LIMITS.client.lockTouchMs);
    this.#touch.unref();
  }

  /** Takes the lock, waiting at most `waitMs`; undefined when somebody else still holds it. */
  static async take(path: string, waitMs: number): Promise<Lock | undefined> {
    const deadline = Date.now() + waitMs;
    const holder = `${process.pid} ${hostname()} ${randomBytes(8).toString("hex")}`;
    for (;;) {
      if (await acquire(path, holder)) return new Lock(path, holder);
      if (Date.now() >= deadline) return undefined;
      await sleep(LIMITS.client.lockPollMs);
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

/** One try. The file is there as soon as it names its holder, and a dead one is replaced in one step. */
async function acquire(path: string, holder: string): Promise<boolean> {
  const present = await holderOf(path);
  if (present === undefined) return place(path, holder, linkOrCopy);
  return (await isDead(path, present)) && takeOver(path, present, holder);
}

/**
 * Takes the place of a dead holder. Many may have found it dead, and the slowest of them must not clear away a lock
 * that is alive again: only who holds the right to this very holder's place, a lock too, looks once more and acts.
 */
async function takeOver(path: string, dead: string, holder: string): Promise<boolean> {
  const right = `${path}.${sha256(dead).slice(0, 16)}`;
  if (!(await acquire(right, holder))) return false;
  try {
    if ((await holderOf(path)) !== dead || !(await isDead(path, dead))) return false;
    return await place(path, holder, rename);
  } finally {
    await removeIfPossible(right);
  }
}

/** Puts a file that names the holder in place, whole: by a link only where nothing is, by a rename over what is there. */
async function place(
  path: string,
  holder: string,
  put: (from: string, to: string) => Promise<void>,
): Promise<boolean> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, holder, { mode: 0o600, flag: "wx" });
    await put(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  } finally {
    await removeIfPossible(draft);
  }
}

async function isDead(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.split(" ");
  const ageMs = await ageOf(path);
  if (pid === undefined || host === undefined) return ageMs > LIMITS.client.lockNamelessMs;
  if (host === hostname() && !isAlive(Number(pid))) return true;
  return ageMs > LIMITS.client.claimStaleMs;
}

function holderOf(path: string): Promise<string | undefined> {
  return unlessMissing(readFile(path, "utf8"));
}

async function ageOf(path: string): Promise<number> {
  const status = await unlessMissing(stat(path));
  return status === undefined ? 0 : Date.now() - status.mtimeMs;
}

/** Shows that the holder lives. A lock that cannot be touched only looks older than it is. */
async function touch(path: string, holder: string): Promise<void> {
  try {
    const now = new Date();
    if ((await holderOf(path)) === holder) await utimes(path, now, now);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "EACCES", "EPERM", "EROFS", "EIO", "ESTALE")) throw error;
  }
}

/** What stays harms less than a lock that was taken, and whose taker was told that it failed. */
async function removeIfPossible(path: string): Promise<void> {
  try {
    await remove(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

async function remove(path: string): Promise<void> {
  await unlessMissing(unlink(path));
}
