import { readSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import type { OpenFileSync } from "../../disk/folder-sync.ts";
import {
  BEGINNING_BYTES,
  checked,
  chunkError,
  chunksIn,
  DamagedGzip,
  headerLength,
  inflateOptions,
  type PlacedChunk,
} from "./seekable-gzip-file.ts";
import { END_BYTES } from "./seekable-gzip-table.ts";

/** `SeekableGzipFile` without promises, for threads that do nothing else meanwhile: a chunk takes half the time. */
export class SeekableGzipSync {
  /** Undefined for a gzip without a table of ours, which can only be read from its beginning. */
  readonly chunks: readonly PlacedChunk[] | undefined;
  readonly #file: OpenFileSync;

  /** The file stays the caller's. Throws DamagedGzip when it is no gzip, or not as long as its table says. */
  constructor(file: OpenFileSync) {
    const { size } = file.stats;
    const beginning = readArchive(file, { offset: 0, bytes: Math.min(BEGINNING_BYTES, size) });
    const length = headerLength(beginning, size);
    const header =
      length <= beginning.length
        ? beginning.subarray(0, length)
        : readArchive(file, { offset: 0, bytes: length });
    const end = readArchive(file, {
      offset: Math.max(0, size - END_BYTES),
      bytes: Math.min(END_BYTES, size),
    });
    this.#file = file;
    this.chunks = chunksIn({ header, end, size });
  }

  /** The raw bytes of one chunk. Throws DamagedGzip. */
  inflate(chunk: PlacedChunk): Buffer {
    const deflated = readArchive(this.#file, { offset: chunk.offset, bytes: chunk.deflatedBytes });
    try {
      return checked(inflateRawSync(deflated, inflateOptions(chunk)), chunk);
    } catch (error) {
      throw chunkError(error);
    }
  }
}

/** Bytes of an archive. Throws DamagedGzip when the file ends before them. */
export function readArchive(
  { descriptor }: OpenFileSync,
  { offset, bytes }: { offset: number; bytes: number },
): Buffer {
  const data = Buffer.allocUnsafe(bytes);
  for (let done = 0; done < bytes;) {
    const bytesRead = readSync(descriptor, data, done, bytes - done, offset + done);
    if (bytesRead === 0) throw new DamagedGzip("the file is shorter than its table says");
    done += bytesRead;
  }
  return data;
}
