import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import { isZlibError } from "../storage/seekable-gzip-file.ts";
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
  consume: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const { source, encoding, signal } = upload;
  if (encoding === "gzip") return readGzip(upload, limits, consume);
  for await (const piece of source) {
    signal?.throwIfAborted();
    await consume(piece);
  }
  return undefined;
}

async function readGzip(
  { source, signal }: Pick<SessionUpload, "source" | "signal">,
  limits: UploadLimits,
  consume: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const gunzip = createGunzip({ chunkSize: INFLATED_PIECE_BYTES });
  const fed = { bytes: 0, failed: false };
  let inflatedBytes = 0;
  try {
    await pipeline(
      smallPieces(source, limits, fed),
      gunzip,
      async (inflated: AsyncIterable<Buffer>) => {
        for await (const piece of inflated) {
          inflatedBytes += piece.length;
          if (inflatedBytes > limits.ratioGraceBytes && inflatedBytes > limits.inflateRatio * fed.bytes)
            throw bomb(limits);
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
  limits: UploadLimits,
  fed: { bytes: number; failed: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const piece of source) {
      for (let start = 0; start < piece.length; start += GZIP_PIECE_BYTES) {
        const small = piece.subarray(start, start + GZIP_PIECE_BYTES);
        fed.bytes += small.length;
        if (fed.bytes > limits.gzipBytes)
          throw new AppError(
            "too_large",
            `The compressed transcript is larger than ${limits.gzipBytes} bytes`,
          );
        yield small;
      }
    }
  } catch (error) {
    fed.failed = true;
    throw error;
  }
}

function bomb(limits: UploadLimits): AppError {
  return new AppError("too_large", `The gzip inflates to more than ${limits.inflateRatio} times its size`, {
    hint: "Send such a transcript without compression",
  });
}

function notGzip(cause?: unknown): AppError {
  return new AppError("invalid_input", "The transcript is not one intact gzip file", {
    cause,
    hint: "Send the whole file, or send it without Content-Encoding",
  });
}
