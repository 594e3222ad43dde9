import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { constants, inflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
import { giveBack } from "./give-back.ts";

const inflate = promisify(inflateRaw);
/** zlib wants room to see that nothing follows; its least is 64 bytes. */
const SPARE_BYTES = 64;

/** Nobody else can know these bytes, so nobody can make deflated bytes that contain or compute them. */
const WITNESS = randomBytes(16);
/** They as the last block of a deflate stream, stored as they are (RFC 1951, section 3.2.4). */
const WITNESS_BLOCK = Buffer.concat([
  Buffer.from([1, WITNESS.length, 0, ~WITNESS.length & 0xff, 0xff]),
  WITNESS,
]);

/**
 * The raw bytes of deflated bytes that somebody else made, when these may stand anywhere in an archive: they inflate alone, as
 * whoever reads a chunk inflates it, and whatever follows them is read as what it is. That it is, a block shows that is put
 * behind them: it comes out unchanged only if all blocks before it are closed, none is the last, and the last byte is
 * full. A block left open would swallow its header or shift its bits. Undefined for any others, and where they are not
 * `rawBytes` bytes. Throws what zlib says of bytes that cannot be inflated.
 */
export async function inflateClosed(
  deflated: Buffer,
  { rawBytes }: { rawBytes: number },
): Promise<Buffer | undefined> {
  const [raw, witnessed] = await Promise.all([
    inflate(deflated, { finishFlush: constants.Z_SYNC_FLUSH, ...outputOf(rawBytes) }),
    inflate(Buffer.concat([deflated, WITNESS_BLOCK]), outputOf(rawBytes + WITNESS.length)),
  ]);
  const isClosed =
    raw.length === rawBytes &&
    witnessed.subarray(0, rawBytes).equals(raw) &&
    witnessed.subarray(rawBytes).equals(WITNESS);
  giveBack(witnessed);
  return isClosed ? raw : undefined;
}

/** The raw bytes of a chunk of an archive, seen as whoever reads the whole stream sees it; else as `inflateClosed`. For threads that may wait. */
export function inflateClosedSync(deflated: Buffer, { rawBytes }: { rawBytes: number }): Buffer | undefined {
  const all = Buffer.concat([deflated, WITNESS_BLOCK]);
  const witnessed = inflateRawSync(all, outputOf(rawBytes + WITNESS.length));
  return witnessed.subarray(rawBytes).equals(WITNESS) ? witnessed.subarray(0, rawBytes) : undefined;
}

/** All of it in one buffer, and no more. */
function outputOf(bytes: number): ZlibOptions {
  return { maxOutputLength: Math.max(bytes, 1), chunkSize: bytes + SPARE_BYTES };
}
