/**
 * How long an answer is waited for: `signal` is aborted with a TimeoutError once nothing was heard for so long, and when
 * `cancel` is.
 */
export class Patience implements Disposable {
  readonly #end = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #unlink: () => void;

  constructor(cancel: AbortSignal, silenceMs: number) {
    const late = () => this.#end.abort(new DOMException("no answer in time", "TimeoutError"));
    this.#timer = setTimeout(late, silenceMs);
    const cancelled = () => this.#end.abort(cancel.reason);
    cancel.addEventListener("abort", cancelled, { once: true });
    this.#unlink = () => cancel.removeEventListener("abort", cancelled);
    if (cancel.aborted) cancelled();
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Something was heard: the time begins anew. */
  heard(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#unlink();
  }
}
