import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";
import { LIMITS } from "../../contract/limits.ts";
import { countLineFeeds, endsInsideLine, LINE_FEED } from "./line-feeds.ts";
import { encodeEnd, encodeHeader, type Chunk } from "./seekable-gzip-table.ts";

export { encodeEnd, encodeHeader, type Chunk };

const deflate = promisify(deflateRaw);
const LEVEL = 6;
/** Room for what zlib makes of most chunks: every time it needs more is a trip to the thread pool. */
const OUTPUT_BYTES = 64 * 1024;
/** Pieces that deflate in the thread pool while the next ones are gathered. */
const IN_FLIGHT = 2;

interface SeekableDeflateOptions {
  /** A chunk ends at the first line end after this many raw bytes. */
  chunkBytes: number;
  /** Chunks that are there already: what is added follows them. */
  after?: readonly Chunk[];
}

/**
 * Deflates what follows the header of a seekable gzip: one gzip member with a full flush after every chunk, so that
 * each chunk inflates alone, while every gzip reader sees an ordinary file. The header comes first in the file but is
 * known last: `encodeHeader`, the deflated bytes and `encodeEnd` make the file. It holds a few chunks in memory.
 */
export class SeekableDeflate {
  readonly #write: (deflated: Buffer) => Promise<void>;
  readonly #chunkBytes: number;
  readonly #chunks: Chunk[];
  #crc: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** All that is pending, already deflated. */
  #ready: Buffer | undefined;
  #current = emptyChunk();
  /** Bytes that the pieces of the oldest unfinished chunk took. */
  #deflatedBytes = 0;
  #queue: { deflated: Promise<Buffer>; ends: Chunk | undefined }[] = [];

  constructor(
    write: (deflated: Buffer) => Promise<void>,
    { chunkBytes, after = [] }: SeekableDeflateOptions,
  ) {
    this.#write = write;
    this.#chunkBytes = chunkBytes;
    this.#chunks = [...after];
    this.#crc = after.at(-1)?.crc ?? 0;
  }

  /**
   * Adds raw bytes; the caller must not change them afterwards. `deflated` are the same bytes, deflated alone and ended as a
   * chunk is: they are used where exactly these raw bytes are deflated together.
   */
  async add(raw: Buffer, deflated?: Buffer): Promise<void> {
    let rest = raw;
    while (rest.length > 0) {
      const missing = this.#chunkBytes - this.#current.rawBytes - this.#pendingBytes;
      const lineEnd = rest.indexOf(LINE_FEED, Math.max(0, missing - 1));
      const end = lineEnd === -1 ? rest.length : lineEnd + 1;
      this.#ready = this.#pendingBytes === 0 && end === raw.length ? deflated : undefined;
      this.#pending.push(rest.subarray(0, end));
      this.#pendingBytes += end;
      if (lineEnd !== -1) await this.#flush({ endsChunk: true });
      else if (this.#pendingBytes >= LIMITS.sessions.pieceBytes) await this.#flush({ endsChunk: false });
      rest = rest.subarray(end);
    }
  }

  /** Deflates what is left. The chunks are complete when this returns. */
  async finish(): Promise<Chunk[]> {
    if (this.#pendingBytes > 0 || this.#current.rawBytes > 0) await this.#flush({ endsChunk: true });
    while (this.#queue.length > 0) await this.#writeOldest();
    return this.#chunks;
  }

  async #flush({ endsChunk }: { endsChunk: boolean }): Promise<void> {
    const [only, ...more] = this.#pending;
    const data = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const chunk = this.#current;
    chunk.rawBytes += data.length;
    chunk.lines += countLineFeeds(data);
    this.#crc = crc32(data, this.#crc);
    if (endsChunk) {
      // The last line of all may have no end.
      if (endsInsideLine(data)) chunk.lines += 1;
      this.#current = emptyChunk();
    }
    this.#enqueue(data, endsChunk ? { ...chunk, crc: this.#crc } : undefined);
    while (this.#queue.length > IN_FLIGHT) await this.#writeOldest();
  }

  #enqueue(data: Buffer, ends: Chunk | undefined): void {
    const options = { level: LEVEL, finishFlush: constants.Z_FULL_FLUSH, chunkSize: OUTPUT_BYTES };
    const deflated = this.#ready === undefined ? deflate(data, options) : Promise.resolve(this.#ready);
    this.#ready = undefined;
    // Awaited in turn; until then a failure must not count as unhandled.
    deflated.catch(() => undefined);
    this.#queue.push({ deflated, ends });
  }

  async #writeOldest(): Promise<void> {
    const oldest = this.#queue.shift();
    if (oldest === undefined) return;
    const deflated = await oldest.deflated;
    this.#deflatedBytes += deflated.length;
    if (oldest.ends !== undefined) {
      this.#chunks.push({ ...oldest.ends, deflatedBytes: this.#deflatedBytes });
      this.#deflatedBytes = 0;
    }
    await this.#write(deflated);
  }
}

function emptyChunk(): Omit<Chunk, "crc"> {
  return { deflatedBytes: 0, rawBytes: 0, lines: 0 };
}
