import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Lock } from "../home/lock.ts";

/** The lock of a memory in a folder; what other programs of ours look at too. */
export const LOCK_NAME = ".memory-lock";

/** Lets one change after the other into a folder, of this process and of others. A process that died holds up nobody. */
export class ChangeLock {
  readonly #path: string;
  /** When it is done, whatever came of it, the next of this process may try. */
  #last: Promise<unknown> = Promise.resolve();

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
    await using lock = await Lock.take(this.#path, waitMs);
    if (lock === undefined)
      throw new AppError("unavailable", "Another program is changing this memory", { hint: "Try again" });
    return await work();
  }
}
