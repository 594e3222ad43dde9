import { setImmediate as othersTurn } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";

/** Keeps long work from holding up the other requests: call `rest` often, it waits for them only when it is their turn. */
export class Pace {
  #sinceMs = performance.now();

  async rest(): Promise<void> {
    if (performance.now() - this.#sinceMs < LIMITS.concurrency.busyMs) return;
    await othersTurn();
    this.#sinceMs = performance.now();
  }

  /** The bytes in pieces of this size, with a rest after each. */
  async *pieces(data: Buffer, pieceBytes: number): AsyncGenerator<Buffer, void, undefined> {
    for (let start = 0; start < data.length; start += pieceBytes) {
      yield data.subarray(start, start + pieceBytes);
      await this.rest();
    }
  }
}
