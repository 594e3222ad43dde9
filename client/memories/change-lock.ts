import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isSystemError } from "../../disk/errno.ts";
import { Lock } from "../home/lock.ts";

/** The lock of a memory in a folder; what other programs of ours look at too. */
export const LOCK_NAME = ".memory-lock";

/** Lets one change after the other into a folder, of this process and of others. A process that died holds up nobody. */
export class ChangeLock {
  readonly #path: string;
  /** When it is done, whatever came of it, the next of this process may try. */
  #last: Promise<unknown> = Promise.resolve();
  #held: Lock | undefined;

  /** The folder is there while changes are made. */
  constructor(folder: string) {
    this.#path = join(folder, LOCK_NAME);
  }

  /** Runs the work alone. Throws `unavailable` when another process lets nobody in for `client.memoriesLockWaitMs`. */
  hold<T>(work: () => Promise<T>, waitMs: number = LIMITS.client.memoriesLockWaitMs): Promise<T> {
    const turn = this.#last.then(() => this.#alone(work, waitMs));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #alone<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
    await this.#release();
    this.#held = await Lock.take(this.#path, waitMs);
    if (this.#held === undefined)
      throw new AppError("unavailable", "Another program is changing this memory", { hint: "Try again" });
    try {
      return await work();
    } finally {
      if (!(await this.#release())) await this.#release();
    }
  }

  /** What the disk refuses is tried again, then and before the next change: this process lives, so others would wait for it. */
  async #release(): Promise<boolean> {
    try {
      await this.#held?.[Symbol.asyncDispose]();
      this.#held = undefined;
      return true;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }
}
