/** Counts the bytes of a body that go by. */
export class ByteMeter {
  readonly #source: AsyncIterable<Buffer>;
  bytes = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source;
  }

  async *passed(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}
