import type { Hash } from "node:crypto";
import { AppError } from "../../contract/errors.ts";
import { SeekableDeflate, type Chunk } from "../storage/seekable-gzip.ts";
import { sum } from "../storage/seekable-gzip-table.ts";
import { knownFacts, type Content } from "./facts.ts";
import type { Growth } from "./growth.ts";
import { newHash, type HashMemory } from "./hash-memory.ts";
import type { UploadLimits } from "./source.ts";
import type { Spool } from "./spool.ts";
import { TranscriptReader } from "./transcript-reader.ts";

/** A received transcript: what is in it, and the chunks that hold it. */
export interface Received extends Content {
  chunks: Chunk[];
  /** Digest of its first bytes, as many as the intake was asked to watch; undefined when there are fewer. */
  prefixSha256: string | undefined;
  /** It is no transcript at all, but a file of some other kind. */
  isForeign: boolean;
}

interface IntakeOptions {
  limits: UploadLimits;
  /** A transcript that comes compressed was measured as it came; any other is measured as it is stored. */
  encoding: "identity" | "gzip";
  hashes: HashMemory;
  spool: Spool;
  /** What is stored already and stays as it is, when only a tail is received. */
  growth?: Growth | undefined;
  /** Take the digest of this many first bytes on the way. */
  prefixBytes?: number | undefined;
}

/** Takes raw bytes in any pieces: hashes, checks, learns the facts and deflates, all in one pass. */
export class Intake {
  readonly #limits: UploadLimits;
  readonly #hashes: HashMemory;
  readonly #hash: Hash;
  readonly #reader: TranscriptReader;
  readonly #deflate: SeekableDeflate;
  readonly #prefixBytes: number | undefined;
  #bytes: number;
  #prefixSha256: string | undefined;

  constructor({ limits, encoding, hashes, spool, growth, prefixBytes }: IntakeOptions) {
    this.#limits = limits;
    this.#hashes = hashes;
    this.#hash = growth?.hash ?? newHash();
    this.#bytes = growth?.keptBytes ?? 0;
    this.#prefixBytes = prefixBytes;
    this.#reader = new TranscriptReader({
      lineBytes: limits.lineBytes,
      ...(growth && { known: knownFacts(growth.session.facts) }),
    });
    const { chunkBytes, gzipBytes } = limits;
    let storedBytes = sum(growth?.keptChunks ?? [], "deflatedBytes");
    const write = async (data: Buffer): Promise<void> => {
      storedBytes += data.length;
      if (encoding === "identity" && storedBytes > gzipBytes)
        throw new AppError("too_large", `The transcript takes more than ${gzipBytes} bytes compressed`);
      await spool.write(data);
    };
    this.#deflate = new SeekableDeflate(write, { chunkBytes, after: growth?.keptChunks ?? [] });
  }

  /** The stored bytes of a growing transcript that come after the kept chunks; its hash has seen them already. */
  async addStored(data: Buffer): Promise<void> {
    this.#bytes += data.length;
    await this.#reader.add(data);
    await this.#deflate.add(data);
  }

  /** `deflated`: the same bytes as an archive may hold them, if they came so. */
  async add(data: Buffer, deflated?: Buffer): Promise<void> {
    this.#watchPrefix(data);
    this.#bytes += data.length;
    if (this.#bytes > this.#limits.rawBytes)
      throw new AppError("too_large", `The transcript is larger than ${this.#limits.rawBytes} bytes`);
    this.#hash.update(data);
    await this.#reader.add(data);
    await this.#deflate.add(data, deflated);
  }

  async finish(): Promise<Received> {
    const chunks = await this.#deflate.finish();
    const facts = this.#reader.finish();
    return {
      bytes: this.#bytes,
      lines: chunks.reduce((lines, chunk) => lines + chunk.lines, 0),
      sha256: this.#hashes.finish(this.#hash),
      facts,
      chunks,
      prefixSha256: this.#prefixSha256,
      isForeign: this.#reader.isForeign,
    };
  }

  #watchPrefix(data: Buffer): void {
    if (this.#prefixBytes === undefined) return;
    const missing = this.#prefixBytes - this.#bytes;
    if (missing >= 0 && missing <= data.length)
      this.#prefixSha256 = this.#hash.copy().update(data.subarray(0, missing)).digest("hex");
  }
}
