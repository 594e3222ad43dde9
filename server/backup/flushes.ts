import { closeSync, fsync } from "node:fs";
import { LIMITS } from "../../contract/limits.ts";
import { syncOrStop } from "../../disk/sync.ts";

/** Makes files durable, some at once, while others are written: a disk that is asked for several takes little longer than for one. */
export class Flushes {
  readonly #pending = new Set<Promise<void>>();
  #failed: Error | undefined;

  /** Flushes and closes a descriptor; waits only while too many wait already. Throws the SyncError of an earlier one. */
  async add(descriptor: number): Promise<void> {
    const work = flush(descriptor)
      .catch((error: unknown) => {
        this.#failed ??= error instanceof Error ? error : new Error("a flush failed", { cause: error });
      })
      .finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    if (this.#pending.size >= LIMITS.backup.flushes) await Promise.race(this.#pending);
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Waits for all of them. Throws SyncError. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    if (this.#failed !== undefined) throw this.#failed;
  }
}

async function flush(descriptor: number): Promise<void> {
  const sync = () =>
    new Promise<void>((resolve, reject) => {
      fsync(descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  try {
    await syncOrStop({ sync });
  } finally {
    closeSync(descriptor);
  }
}
