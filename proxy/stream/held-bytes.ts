const FIRST_BYTES = 1024;

/** Bytes that wait for what follows them: however small the pieces are, each is copied a few times at most. */
export class HeldBytes {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) this.#grow(Math.max(FIRST_BYTES, 2 * length));
    piece.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** All that was held, which is not held any more. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
