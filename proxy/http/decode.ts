import type { Transform } from "node:stream";
import { promisify } from "node:util";
import {
  brotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzip,
  inflate,
} from "node:zlib";
import { isErrno } from "../../disk/errno.ts";

/** A way in which a body may be encoded, and how to undo it. */
interface Decoder {
  /** All at once. */
  whole(bytes: Buffer, options: { maxOutputLength: number }): Promise<Buffer>;
  /** As it comes: whatever an encoded chunk holds comes out before the next one is there. */
  stream(): Transform;
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;
const GZIP: Decoder = { whole: promisify(gunzip), stream: () => createGunzip({ flush: Z_SYNC_FLUSH }) };
const DECODERS = new Map<string, Decoder>([
  ["gzip", GZIP],
  ["x-gzip", GZIP],
  ["deflate", { whole: promisify(inflate), stream: () => createInflate({ flush: Z_SYNC_FLUSH }) }],
  [
    "br",
    {
      whole: promisify(brotliDecompress),
      stream: () => createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH }),
    },
  ],
]);

/** What a `content-encoding` says: nothing to undo, how to undo it, or that nobody here knows it. */
export function decoderOf(encoding: string | undefined): Decoder | "none" | "unknown" {
  const name = (encoding ?? "").trim().toLowerCase();
  return name === "" || name === "identity" ? "none" : (DECODERS.get(name) ?? "unknown");
}

/** True when what came out would have been more than was allowed; false when it was no such encoding at all. */
export function isTooMuch(error: unknown): boolean {
  return isErrno(error, "ERR_BUFFER_TOO_LARGE");
}
