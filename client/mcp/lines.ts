const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/**
 * The lines of an input, undefined for one that is longer than `limitBytes`, of which nothing is kept. They end at `\n` or
 * `\r\n` alone, for JSON may hold U+2028 as it is, and are decoded only once they are whole. What stands behind the last
 * line end counts as a line.
 */
export async function* linesIn(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<string | undefined> {
  const line = new Line(limitBytes);
  for await (const bytes of source) {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      line.add(bytes.subarray(start, end));
      yield line.take();
      start = end + 1;
    }
    line.add(bytes.subarray(start));
  }
  yield line.take();
}

/** The line that is being read. */
class Line {
  readonly #limitBytes: number;
  #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(part: Uint8Array): void {
    this.#sizeBytes += part.length;
    // The one byte more may be the `\r` of its end.
    if (this.#sizeBytes > this.#limitBytes + 1) this.#parts = [];
    else this.#parts.push(part);
  }

  /** The line, whole; the next one begins. */
  take(): string | undefined {
    const [bytes, sizeBytes] = [Buffer.concat(this.#parts), this.#sizeBytes];
    [this.#parts, this.#sizeBytes] = [[], 0];
    const line = bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
    const isWhole = bytes.length === sizeBytes && line.length <= this.#limitBytes;
    return isWhole ? line.toString("utf8") : undefined;
  }
}
