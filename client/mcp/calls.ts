import { LIMITS } from "../../contract/limits.ts";

/** What a call is known by: the id of its message, in the form in which JSON-RPC compares ids. */
export type CallId = string | number;

/** Ends the wait for an answer. */
class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/**
 * Work that is under way, at most `client.mcpCalls` at a time. What was started with an id can be cancelled by it; then its
 * signal is aborted.
 */
export class Calls {
  readonly #running = new Set<Promise<void>>();
  readonly #cancels = new Map<CallId, AbortController>();

  /** Starts the work, once there is room for it. The work itself must not fail. */
  async start(id: CallId | undefined, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (this.#running.size >= LIMITS.client.mcpCalls) await Promise.race(this.#running);
    const cancel = new AbortController();
    if (id !== undefined) this.#cancels.set(id, cancel);
    const running = work(cancel.signal).finally(() => {
      this.#running.delete(running);
      if (id !== undefined && this.#cancels.get(id) === cancel) this.#cancels.delete(id);
    });
    this.#running.add(running);
  }

  /** Does nothing where nothing of this id is under way. */
  cancel(id: unknown): void {
    if (typeof id === "string" || typeof id === "number") this.#cancels.get(id)?.abort(new CancelledError());
  }

  cancelAll(): void {
    for (const cancel of this.#cancels.values()) cancel.abort(new CancelledError());
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
