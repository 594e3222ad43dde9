import { LIMITS } from "../../../contract/limits.ts";

/** The time one search may take, together with its caller's wish to stop. Dispose it when the search is over. */
export class Budget implements Disposable {
  /** Aborts when the time is over or the caller has gone. */
  readonly signal: AbortSignal;
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(timeMs: number, caller?: AbortSignal) {
    const time = new AbortController();
    const searchMs = Math.floor(timeMs * (1 - LIMITS.search.wrapUpShare));
    this.#timer = setTimeout(() => time.abort(), searchMs);
    this.#caller = caller;
    this.signal = caller === undefined ? time.signal : AbortSignal.any([time.signal, caller]);
  }

  /** True when searching must stop. */
  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Throws the caller's reason when the caller has gone; time that is over is no error. */
  throwIfLeft(): void {
    this.#caller?.throwIfAborted();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
