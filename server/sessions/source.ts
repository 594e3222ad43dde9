import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isErrno } from "../../disk/errno.ts";
import { isZlibError } from "../storage/seekable-gzip-file.ts";
import { ByteQueue } from "./byte-queue.ts";
import { nextChunk } from "./chunk-upload.ts";
import { GzipMeter, notGzip } from "./gzip-meter.ts";
import type { SessionUpload } from "./session.ts";

/** What an upload may be; a part of `LIMITS.sessions`. */
export interface UploadLimits {
  rawBytes: number;
  gzipBytes: number;
  lineBytes: number;
  inflateRatio: number;
  ratioGraceBytes: number;
  chunkBytes: number;
}

/** Takes the next raw bytes; `deflated` are the same, checked and as an archive may hold them, if they came so. */
type Consume = (raw: Buffer, deflated?: Buffer) => Promise<void>;

/** Deflated bytes that zlib gets at once: what it makes of them is counted before it gets more. */
const GZIP_PIECE_BYTES = 32 * 1024;
const INFLATED_PIECE_BYTES = 128 * 1024;

/**
 * Gives the raw bytes of an upload to `consume`, piece by piece, whatever its encoding. A gzip may have several
 * members. Throws `too_large` at a limit and `invalid_input` for a gzip that is damaged or followed by anything else.
 */
export async function readSource(
  upload: Pick<SessionUpload, "source" | "encoding" | "signal">,
  limits: UploadLimits,
  consume: Consume,
): Promise<void> {
  const { source, encoding, signal } = upload;
  if (encoding === "gzip") return readGzip(upload, limits, consume);
  for await (const piece of source) {
    signal?.throwIfAborted();
    await consume(piece);
  }
  return undefined;
}

/** Members that are chunks first, as `memory-sync` sends them, then whatever else a gzip may hold. */
async function readGzip(
  { source, signal }: Pick<SessionUpload, "source" | "signal">,
  limits: UploadLimits,
  consume: Consume,
): Promise<void> {
  using queue = new ByteQueue(source);
  const meter = new GzipMeter(limits);
  let members = 0;
  for (let chunk = await nextChunk(queue); chunk !== undefined; chunk = await nextChunk(queue)) {
    signal?.throwIfAborted();
    members += 1;
    meter.arrived(chunk.bytes);
    meter.inflated(chunk.raw.length);
    await consume(chunk.raw, chunk.deflated);
  }
  const isOver = members > 0 && (await queue.peek(1)).length === 0;
  if (!isOver) await inflateAll({ source: queue.rest(), signal }, meter, consume);
}

async function inflateAll(
  { source, signal }: Pick<SessionUpload, "source" | "signal">,
  meter: GzipMeter,
  consume: Consume,
): Promise<void> {
  const gunzip = createGunzip({ chunkSize: INFLATED_PIECE_BYTES });
  const fed = { bytes: 0, failed: false };
  try {
    await pipeline(
      smallPieces(source, meter, fed),
      gunzip,
      async (inflated: AsyncIterable<Buffer>) => {
        for await (const piece of inflated) {
          meter.inflated(piece.length);
          await consume(piece);
        }
      },
      { signal },
    );
  } catch (error) {
    // zlib ends by itself at zeros after the last member, which then cuts the source off.
    const endedEarly =
      isErrno(error, "ERR_STREAM_PREMATURE_CLOSE") && !fed.failed && signal?.aborted !== true;
    throw isZlibError(error) || endedEarly ? notGzip(error) : error;
  }
  if (gunzip.bytesWritten !== fed.bytes) throw notGzip();
}

async function* smallPieces(
  source: AsyncIterable<Buffer>,
  meter: GzipMeter,
  fed: { bytes: number; failed: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const piece of source) {
      for (let start = 0; start < piece.length; start += GZIP_PIECE_BYTES) {
        const small = piece.subarray(start, start + GZIP_PIECE_BYTES);
        fed.bytes += small.length;
        meter.arrived(small.length);
        yield small;
      }
    }
  } catch (error) {
    fed.failed = true;
    throw error;
  }
}
