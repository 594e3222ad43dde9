/** Bytes that arrive in pieces of any size, taken in pieces of whatever size they are wanted. Dispose of it when done. */
export class ByteQueue implements Disposable {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes, which stay in the queue; fewer when there are no more. */
  async peek(bytes: number): Promise<Buffer> {
    const pieces = [this.#held];
    for (let missing = bytes - this.#held.length; missing > 0;) {
      const next = await this.#source.next();
      if (next.done === true) break;
      pieces.push(next.value);
      missing -= next.value.length;
    }
    if (pieces.length > 1) this.#held = Buffer.concat(pieces);
    return this.#held.subarray(0, bytes);
  }

  /** The next bytes; fewer when there are no more. */
  async take(bytes: number): Promise<Buffer> {
    const taken = await this.peek(bytes);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  /** All other bytes, as they arrive. */
  async *rest(): AsyncGenerator<Buffer, void, undefined> {
    yield this.#held;
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return;
      yield next.value;
    }
  }

  [Symbol.dispose](): void {
    // Not awaited: it would wait for bytes that may never come.
    void this.#source.return?.().catch(() => undefined);
  }
}
