import { countLineFeeds, endsInsideLine, LINE_FEED } from "../storage/line-feeds.ts";

/** Whole lines in a row; only the last block may end without a line end. */
export interface LineBlock {
  firstLine: number;
  firstByte: number;
  /** Lines that begin in this block. */
  lines: number;
  data: Buffer;
}

/** Gathers a stream of bytes into blocks of whole lines. A block holds at least `blockBytes`, or one longer line. */
export class LineBlocks {
  readonly #blockBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #firstLine = 1;
  #firstByte = 0;

  private constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  static async *of(
    source: AsyncIterable<Buffer>,
    blockBytes: number,
  ): AsyncGenerator<LineBlock, void, undefined> {
    const blocks = new LineBlocks(blockBytes);
    for await (const piece of source) {
      const block = blocks.#add(piece);
      if (block !== undefined) yield block;
    }
    if (blocks.#pendingBytes > 0) yield blocks.#take(Buffer.concat(blocks.#pending));
  }

  #add(piece: Buffer): LineBlock | undefined {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes < this.#blockBytes || !piece.includes(LINE_FEED)) return undefined;
    const data = Buffer.concat(this.#pending);
    const end = data.lastIndexOf(LINE_FEED) + 1;
    this.#pending = [data.subarray(end)];
    this.#pendingBytes = data.length - end;
    return this.#take(data.subarray(0, end));
  }

  #take(data: Buffer): LineBlock {
    const lines = countLineFeeds(data) + (endsInsideLine(data) ? 1 : 0);
    const block = { firstLine: this.#firstLine, firstByte: this.#firstByte, lines, data };
    this.#firstLine += lines;
    this.#firstByte += data.length;
    return block;
  }
}

/** The lines of a chunk with their numbers, without their line ends. */
export function* linesOf(chunk: {
  firstLine: number;
  data: Buffer;
}): Generator<{ line: number; data: Buffer }> {
  let line = chunk.firstLine;
  for (let start = 0; start < chunk.data.length; line += 1) {
    const found = chunk.data.indexOf(LINE_FEED, start);
    const end = found === -1 ? chunk.data.length : found;
    yield { line, data: chunk.data.subarray(start, end) };
    start = end + 1;
  }
}
