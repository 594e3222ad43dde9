import { createHash, type Hash } from "node:crypto";
import type { OpenFileSync } from "../../../disk/folder-sync.ts";
import { readChunks } from "../../sessions/chunks.ts";
import { inflateClosedSync } from "../../storage/closed-chunk.ts";
import { giveBack } from "../../storage/give-back.ts";
import { endsInsideLine, countLineFeeds } from "../../storage/line-feeds.ts";
import { checked, chunkError, DamagedGzip, type PlacedChunk } from "../../storage/seekable-gzip-file.ts";
import { readArchive, SeekableGzipSync } from "../../storage/seekable-gzip-sync.ts";
import { encodeHeader, type Chunk } from "../../storage/seekable-gzip.ts";

/** The raw bytes up to some point. */
interface Measured {
  bytes: number;
  lines: number;
  sha256: string;
}

/** What an archive holds. */
interface ArchiveContent extends Measured {
  /** Undefined for a gzip without a table of ours. */
  chunks: readonly Chunk[] | undefined;
  /** The same of its beginnings, by their bytes; what is longer than all of it is missing. */
  beginnings: ReadonlyMap<number, Measured>;
}

/**
 * Reads all of an archive, as any gzip reader would see it, and `beginnings` of so many raw bytes on the way. Throws
 * DamagedGzip for what is not as it was written, `damaged` for a damaged gzip without our table.
 */
export async function archiveContent(
  archive: { root: string; segments: readonly string[]; file: OpenFileSync },
  beginnings: readonly number[],
): Promise<ArchiveContent> {
  const { chunks } = new SeekableGzipSync(archive.file);
  if (chunks !== undefined) assertHeader(archive.file, chunks);
  const measure = new Measure(beginnings);
  if (chunks === undefined)
    for await (const { data } of readChunks(archive.root, archive.segments)) measure.add(data);
  else
    for (const chunk of chunks) {
      const data = inflated(archive.file, chunk);
      measure.add(data);
      giveBack(data);
      if (measure.lines !== chunk.firstLine - 1 + chunk.lines)
        throw new DamagedGzip("a chunk has other lines than the table says");
    }
  return { ...measure.now(), chunks, beginnings: measure.beginnings };
}

/** Counts and hashes what comes. */
class Measure {
  readonly beginnings = new Map<number, Measured>();
  readonly #ends: number[];
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;
  #lineFeeds = 0;
  #isInLine = false;

  constructor(ends: readonly number[]) {
    this.#ends = [...new Set(ends)].sort((a, b) => a - b);
    this.#note();
  }

  add(data: Buffer): void {
    for (let start = 0; start < data.length;) {
      const end = Math.min(data.length, start + (this.#ends[0] ?? Infinity) - this.#bytes);
      const part = data.subarray(start, end);
      this.#hash.update(part);
      this.#bytes += part.length;
      this.#lineFeeds += countLineFeeds(part);
      this.#isInLine = endsInsideLine(part);
      this.#note();
      start = end;
    }
  }

  get lines(): number {
    return this.#lineFeeds + (this.#isInLine ? 1 : 0);
  }

  now(): Measured {
    return { bytes: this.#bytes, lines: this.lines, sha256: this.#hash.copy().digest("hex") };
  }

  #note(): void {
    if (this.#ends[0] !== this.#bytes) return;
    this.#ends.shift();
    this.beginnings.set(this.#bytes, this.now());
  }
}

/** Equal content makes equal headers, so every bit of it is known. */
function assertHeader(file: OpenFileSync, chunks: readonly PlacedChunk[]): void {
  const { header } = encodeHeader(chunks);
  if (!readArchive(file, { offset: 0, bytes: header.length }).equals(header))
    throw new DamagedGzip("the header is not what was written");
}

function inflated(file: OpenFileSync, chunk: PlacedChunk): Buffer {
  const deflated = readArchive(file, { offset: chunk.offset, bytes: chunk.deflatedBytes });
  try {
    const raw = inflateClosedSync(deflated, chunk);
    if (raw === undefined) throw new DamagedGzip("a chunk does not end where it should");
    return checked(raw, chunk);
  } catch (error) {
    throw chunkError(error);
  }
}
