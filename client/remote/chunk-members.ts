import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { chunkHead } from "../../contract/chunk-member.ts";
import { LIMITS } from "../../contract/limits.ts";

const { chunkBytes, pieceBytes } = LIMITS.sessions;
const LINE_FEED = 0x0a;
const LEVEL = 6;
/** Header of a gzip member without name, and its empty last block, CRC-32 and length. */
const [GZIP_HEAD_BYTES, GZIP_END_BYTES] = [10, 10];

/**
 * A transcript as a gzip whose members are the chunks that the server will store: it only has to check them. A failure to
 * read the transcript is passed on. Of no bytes nothing is made, which is no gzip.
 */
export async function* chunkMembers(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of cut(content)) {
    const member = await gzipOf(chunk);
    yield chunkHead(member.length - GZIP_HEAD_BYTES - GZIP_END_BYTES);
    yield member.subarray(GZIP_HEAD_BYTES);
  }
}

/** Cut as the server cuts: at the first line end after `chunkBytes`; a longer line in pieces. */
async function* cut(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const bytes of content) {
    held = Buffer.concat([held, bytes]);
    for (let end = endOfChunk(held); end !== undefined; end = endOfChunk(held)) {
      yield held.subarray(0, end);
      held = held.subarray(end);
    }
  }
  if (held.length > 0) yield held;
}

/** Undefined while more bytes may belong to the chunk. */
function endOfChunk(held: Buffer): number | undefined {
  const lineEnd = held.indexOf(LINE_FEED, chunkBytes - 1);
  if (lineEnd !== -1 && lineEnd < pieceBytes) return lineEnd + 1;
  return held.length >= pieceBytes ? pieceBytes : undefined;
}

/** With a full flush before its end. */
async function gzipOf(chunk: Buffer): Promise<Buffer> {
  const gzip = createGzip({ level: LEVEL });
  gzip.write(chunk);
  // Ended sooner, it would leave the flush out.
  gzip.flush(() => gzip.end());
  return buffer(gzip);
}
