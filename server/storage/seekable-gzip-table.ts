/**
 * The chunk table of a seekable gzip, in a subfield of the header's extra field (RFC 1952, section 2.3.1.1), where
 * every other reader skips it. Subfield `FM`, version 1: the byte 1, then per chunk its deflated bytes, raw bytes and
 * lines as varints and the CRC-32 of all raw bytes up to its end, little endian.
 */
export interface Chunk {
  deflatedBytes: number;
  rawBytes: number;
  /** Lines that begin in this chunk. */
  lines: number;
  /** CRC-32 of all raw bytes from the beginning up to the end of this chunk. */
  crc: number;
}

/** Method deflate, flag FEXTRA, no time, system unknown: equal content makes equal files. */
const FIXED = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]);
const DEFLATE = 8;
const FLAG_EXTRA = 4;
const SUBFIELD = "FM";
const VERSION = 1;
const SUBFIELD_HEAD_BYTES = 4;
const EXTRA_BYTES = 0xffff;
/** Bytes that tell how long the header is. */
const HEAD_BYTES = FIXED.length + 2;
/** A last block without content, CRC-32 and length. */
export const END_BYTES = 10;
/** Deflate cannot make less than this of anything. */
const MOST_RATIO = 1032;

/**
 * The header for these chunks, and the chunks it names: where the table would not fit, neighbours count as one
 * chunk, as often as needed.
 */
export function encodeHeader(chunks: readonly Chunk[]): { header: Buffer; chunks: Chunk[] } {
  let kept = [...chunks];
  let table = encodeTable(kept);
  while (table.length > EXTRA_BYTES - SUBFIELD_HEAD_BYTES) {
    kept = inPairs(kept);
    table = encodeTable(kept);
  }
  const extra = Buffer.alloc(2 + SUBFIELD_HEAD_BYTES);
  extra.writeUInt16LE(SUBFIELD_HEAD_BYTES + table.length, 0);
  extra.write(SUBFIELD, 2, "latin1");
  extra.writeUInt16LE(table.length, 4);
  return { header: Buffer.concat([FIXED, extra, table]), chunks: kept };
}

/** What follows the last chunk. */
export function encodeEnd(chunks: readonly Chunk[]): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt16LE(0x0003, 0);
  end.writeUInt32LE(chunks.at(-1)?.crc ?? 0, 2);
  end.writeUInt32LE(sum(chunks, "rawBytes") % 2 ** 32, 6);
  return end;
}

/** Bytes of a header that begins with `head`; undefined when no gzip begins so. Without an extra field it is not known. */
export function headerBytes(head: Buffer): number | undefined {
  if (head.length < FIXED.length || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== DEFLATE)
    return undefined;
  if (head[3] !== FLAG_EXTRA) return FIXED.length;
  return head.length < HEAD_BYTES ? undefined : HEAD_BYTES + head.readUInt16LE(FIXED.length);
}

/** The chunks named in a header; undefined when it holds no table of ours that can be trusted. */
export function decodeHeader(header: Buffer): Chunk[] | undefined {
  let position = HEAD_BYTES;
  while (position + SUBFIELD_HEAD_BYTES <= header.length) {
    const start = position + SUBFIELD_HEAD_BYTES;
    const end = start + header.readUInt16LE(position + 2);
    if (header.toString("latin1", position, position + 2) === SUBFIELD && end <= header.length)
      return decodeTable(header.subarray(start, end));
    position = end;
  }
  return undefined;
}

export function sum(chunks: readonly Chunk[], key: "deflatedBytes" | "rawBytes" | "lines"): number {
  return chunks.reduce((total, chunk) => total + chunk[key], 0);
}

function inPairs(chunks: readonly Chunk[]): Chunk[] {
  const pairs: Chunk[] = [];
  for (let index = 0; index < chunks.length; index += 2) {
    const pair = chunks.slice(index, index + 2);
    const crc = pair.at(-1)?.crc ?? 0;
    pairs.push({
      deflatedBytes: sum(pair, "deflatedBytes"),
      rawBytes: sum(pair, "rawBytes"),
      lines: sum(pair, "lines"),
      crc,
    });
  }
  return pairs;
}

function encodeTable(chunks: readonly Chunk[]): Buffer {
  const bytes = [VERSION];
  for (const { deflatedBytes, rawBytes, lines, crc } of chunks) {
    pushVarint(bytes, deflatedBytes);
    pushVarint(bytes, rawBytes);
    pushVarint(bytes, lines);
    bytes.push(crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24);
  }
  return Buffer.from(bytes);
}

function decodeTable(table: Buffer): Chunk[] | undefined {
  if (table[0] !== VERSION) return undefined;
  const chunks: Chunk[] = [];
  const reader = { table, position: 1 };
  while (reader.position < table.length) {
    const [deflatedBytes, rawBytes, lines] = [varint(reader), varint(reader), varint(reader)];
    if (reader.position + 4 > table.length || rawBytes > deflatedBytes * MOST_RATIO || lines > rawBytes)
      return undefined;
    chunks.push({ deflatedBytes, rawBytes, lines, crc: table.readUInt32LE(reader.position) });
    reader.position += 4;
  }
  return chunks;
}

/** Seven bits a byte, the lowest first; the high bit says that more follow. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
}

function varint(reader: { table: Buffer; position: number }): number {
  let value = 0;
  for (let factor = 1; factor < 2 ** 49; factor *= 0x80) {
    const byte = reader.table[reader.position++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return value;
}
