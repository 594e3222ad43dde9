import { crc32 } from "node:zlib";
import { CHUNK_HEAD_BYTES, deflatedBytesAfter } from "../../contract/chunk-member.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import { inflateClosed } from "../storage/closed-chunk.ts";
import { isZlibError } from "../storage/seekable-gzip-file.ts";
import { encodeEnd, END_BYTES } from "../storage/seekable-gzip-table.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { notGzip } from "./gzip-meter.ts";

const { pieceBytes } = LIMITS.sessions;
/** Of fewer deflated bytes checking is more work than deflating them again. */
const LEAST_BYTES = 1024;
/** More than deflate makes of raw bytes that it cannot make smaller. */
const OVERHEAD_BYTES = 1024;

/** A chunk as it was sent. */
interface SentChunk {
  raw: Buffer;
  /** Fit for an archive. */
  deflated: Buffer;
  /** Of the whole gzip member. */
  bytes: number;
}

/**
 * Takes the chunk that follows; undefined, and nothing taken, when something else follows, or a chunk of a size that chunks do not
 * have. Nothing of it is believed: whoever sent it may have made it to damage the archive. Throws `invalid_input` when it
 * is not what its header says.
 */
export async function nextChunk(queue: ByteQueue): Promise<SentChunk | undefined> {
  const deflatedBytes = deflatedBytesAfter(await queue.peek(CHUNK_HEAD_BYTES)) ?? 0;
  if (deflatedBytes < LEAST_BYTES || deflatedBytes > pieceBytes + OVERHEAD_BYTES) return undefined;
  const member = await queue.take(CHUNK_HEAD_BYTES + deflatedBytes + END_BYTES);
  const deflated = member.subarray(CHUNK_HEAD_BYTES, CHUNK_HEAD_BYTES + deflatedBytes);
  const end = member.subarray(CHUNK_HEAD_BYTES + deflatedBytes);
  const raw = end.length === END_BYTES ? await inflated(deflated, rawBytesIn(end)) : undefined;
  if (raw === undefined || !encodeEnd([chunkOf(raw)]).equals(end)) throw notGzip();
  return { raw, deflated, bytes: member.length };
}

/** Undefined for deflated bytes that no archive may hold, and for those that are much longer than what they hold. */
async function inflated(deflated: Buffer, rawBytes: number): Promise<Buffer | undefined> {
  if (rawBytes > pieceBytes || deflated.length > rawBytes + OVERHEAD_BYTES) return undefined;
  try {
    return await inflateClosed(deflated, { rawBytes });
  } catch (error) {
    throw isZlibError(error) || isErrno(error, "ERR_BUFFER_TOO_LARGE") ? notGzip(error) : error;
  }
}

/** The length of the raw bytes, as the end of their member tells it. */
function rawBytesIn(end: Buffer): number {
  return end.readUInt32LE(END_BYTES - 4);
}

function chunkOf(raw: Buffer) {
  return { deflatedBytes: 0, lines: 0, rawBytes: raw.length, crc: crc32(raw) };
}
