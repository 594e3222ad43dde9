export type BodySource = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A request body that counts what was read of it, and whose own failure (a file that cannot be read) is told from the network's. */
export class RequestBody {
  readonly init: RequestInit;
  #sizeBytes = 0;
  #failure: Error | undefined;

  constructor(source: BodySource | undefined) {
    if (source === undefined) {
      this.init = {};
    } else if (typeof source === "string" || source instanceof Uint8Array) {
      const data = typeof source === "string" ? Buffer.from(source) : source;
      this.#sizeBytes = data.length;
      this.init = { body: data };
    } else {
      this.init = { body: ReadableStream.from(this.#watch(source)), duplex: "half" };
    }
  }

  /** Bytes of the body so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Throws what made the body end early, if that was not the network. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async *#watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        this.#sizeBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Error) this.#failure = error;
      throw error;
    }
  }
}
