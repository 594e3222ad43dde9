/**
 * A transcript may travel as a gzip of several members, each of them one chunk of the archive that it will be: the header's extra
 * field (RFC 1952, section 2.3.1.1) holds the subfield `FC`, the length of the deflated bytes up to and with a full flush, and
 * behind these come the ten bytes of an empty last block, CRC-32 and length. The server can keep such bytes once it has
 * checked them; whoever does not know the subfield reads an ordinary gzip.
 */
const HEAD = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x46, 0x43, 4, 0] as const;

/** Bytes of a member before its deflated bytes. */
export const CHUNK_HEAD_BYTES = HEAD.length + 4;

/** What comes before so many deflated bytes. */
export function chunkHead(deflatedBytes: number): Uint8Array {
  const head = new Uint8Array(CHUNK_HEAD_BYTES);
  head.set(HEAD);
  new DataView(head.buffer).setUint32(HEAD.length, deflatedBytes, true);
  return head;
}

/** How many deflated bytes follow; undefined for the beginning of anything else. */
export function deflatedBytesAfter(head: Uint8Array): number | undefined {
  if (head.length < CHUNK_HEAD_BYTES || HEAD.some((byte, index) => head[index] !== byte)) return undefined;
  return new DataView(head.buffer, head.byteOffset).getUint32(HEAD.length, true);
}
