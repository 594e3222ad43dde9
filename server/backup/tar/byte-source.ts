import { damagedTar } from "./header.ts";

/** A stream of bytes that is read by numbers of them. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; undefined when the stream has ended before the first. Throws `damaged` when it ends among them. */
  async take(bytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const piece of this.pieces(bytes, { mayEnd: true })) parts.push(Buffer.from(piece));
    return parts.length === 0 && bytes > 0 ? undefined : Buffer.concat(parts);
  }

  /** The next so many bytes as they come. */
  async *pieces(bytes: number, { mayEnd } = { mayEnd: false }): AsyncGenerator<Buffer, void, undefined> {
    for (let missing = bytes; missing > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        if (mayEnd && missing === bytes) return;
        throw damagedTar("it ends too early");
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#pieces.next();
    if (done === true) return false;
    this.#rest = value;
    return this.#rest.length > 0 || this.#more();
  }
}
