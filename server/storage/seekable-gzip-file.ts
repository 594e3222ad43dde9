import { fstatSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, crc32, inflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
import { isErrno } from "../../disk/errno.ts";
import { giveBack } from "./give-back.ts";
import { decodeHeader, encodeEnd, END_BYTES, headerBytes, sum, type Chunk } from "./seekable-gzip-table.ts";

const inflate = promisify(inflateRaw);
/** Read at once: the header of any archive but the largest. */
export const BEGINNING_BYTES = 16 * 1024;
/** Memory for one output buffer of zlib; a larger chunk takes several. */
const MOST_OUTPUT_BYTES = 1024 * 1024;

/** The bytes of a gzip file are not what was written. */
export class DamagedGzip extends Error {
  override readonly name = "DamagedGzip";
}

/** True for zlib's own complaints about what it reads. */
export function isZlibError(error: unknown): error is Error {
  return isErrno(error, "Z_DATA_ERROR", "Z_BUF_ERROR", "Z_NEED_DICT", "Z_STREAM_ERROR");
}

/** A chunk with its place in the file and in the raw bytes. */
export interface PlacedChunk extends Chunk {
  /** Of its deflated bytes in the file. */
  offset: number;
  firstByte: number;
  /** Counted from 1. */
  firstLine: number;
  crcBefore: number;
}

/**
 * Reads a gzip file chunk by chunk. Every chunk is checked against the table and its CRC before it is given, and the
 * table against the size and the end of the file. The handle stays the caller's.
 */
export class SeekableGzipFile {
  /** Undefined for a gzip without a table of ours, which can only be read from its beginning. */
  readonly chunks: readonly PlacedChunk[] | undefined;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, chunks: readonly PlacedChunk[] | undefined) {
    this.#handle = handle;
    this.chunks = chunks;
  }

  /** Throws DamagedGzip when the file is no gzip, or not as long as its table says. */
  static async open(handle: FileHandle): Promise<SeekableGzipFile> {
    const { size } = fstatSync(handle.fd);
    const [beginning, end] = await Promise.all([
      read(handle, 0, Math.min(BEGINNING_BYTES, size)),
      read(handle, Math.max(0, size - END_BYTES), Math.min(END_BYTES, size)),
    ]);
    const length = headerLength(beginning, size);
    const header = length <= beginning.length ? beginning.subarray(0, length) : await read(handle, 0, length);
    return new SeekableGzipFile(handle, chunksIn({ header, end, size }));
  }

  /** The raw bytes of one chunk. `here`: not in the thread pool, as is faster for one that is not large. Throws DamagedGzip. */
  async inflate(chunk: PlacedChunk, { here }: { here: boolean } = { here: false }): Promise<Buffer> {
    const deflated = await read(this.#handle, chunk.offset, chunk.deflatedBytes);
    const options = inflateOptions(chunk);
    try {
      const raw = here ? inflateRawSync(deflated, options) : await inflate(deflated, options);
      return checked(raw, chunk);
    } catch (error) {
      throw chunkError(error);
    } finally {
      giveBack(deflated);
    }
  }
}

/** How long the header is of which this is the beginning. Throws DamagedGzip. */
export function headerLength(beginning: Buffer, size: number): number {
  const length = headerBytes(beginning);
  if (length === undefined || length > size) throw new DamagedGzip("not a gzip file");
  return length;
}

/** The chunks of a file of this size, by its header and its last `END_BYTES` bytes; undefined without a table. Throws DamagedGzip. */
export function chunksIn(file: { header: Buffer; end: Buffer; size: number }): PlacedChunk[] | undefined {
  const { header, end, size } = file;
  const chunks = decodeHeader(header);
  if (chunks === undefined) return undefined;
  if (header.length + sum(chunks, "deflatedBytes") + END_BYTES !== size)
    throw new DamagedGzip("the file is not as long as its table says");
  if (!encodeEnd(chunks).equals(end)) throw new DamagedGzip("the end of the file does not fit its table");
  return placed(chunks, header.length);
}

export function inflateOptions({ rawBytes }: Chunk): ZlibOptions {
  return {
    // A chunk ends with a flush, not with a last block.
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: Math.max(rawBytes, 1),
    chunkSize: Math.min(rawBytes + 64, MOST_OUTPUT_BYTES),
  };
}

/** The raw bytes of a chunk. Throws DamagedGzip when they are others. */
export function checked(raw: Buffer, chunk: PlacedChunk): Buffer {
  if (raw.length !== chunk.rawBytes || crc32(raw, chunk.crcBefore) !== chunk.crc)
    throw new DamagedGzip("a chunk does not fit its checksum");
  return raw;
}

/** What it means that a chunk could not be inflated. */
export function chunkError(error: unknown): unknown {
  return isZlibError(error) || isErrno(error, "ERR_BUFFER_TOO_LARGE")
    ? new DamagedGzip("a chunk cannot be inflated", { cause: error })
    : error;
}

function placed(chunks: readonly Chunk[], headerLength: number): PlacedChunk[] {
  let [offset, firstByte, firstLine, crcBefore] = [headerLength, 0, 1, 0];
  return chunks.map((chunk) => {
    const place = { ...chunk, offset, firstByte, firstLine, crcBefore };
    offset += chunk.deflatedBytes;
    firstByte += chunk.rawBytes;
    firstLine += chunk.lines;
    crcBefore = chunk.crc;
    return place;
  });
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(data, done, length - done, position + done);
    if (bytesRead === 0) throw new DamagedGzip("the file is shorter than its table says");
    done += bytesRead;
  }
  return data;
}
