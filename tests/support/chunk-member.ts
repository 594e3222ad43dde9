import { constants, crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { chunkHead } from "../../contract/chunk-member.ts";

/** The deflated bytes of a chunk as they should be: without a last block, ended by a full flush. */
export function deflatedChunk(raw: Buffer, level = 6): Buffer {
  return deflateRawSync(raw, { level, finishFlush: constants.Z_FULL_FLUSH });
}

/** A gzip member that says it is a chunk with these raw bytes. */
export function chunkMember(raw: Buffer, deflated: Buffer = deflatedChunk(raw)): Buffer {
  const end = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  end.writeUInt32LE(crc32(raw), 2);
  end.writeUInt32LE(raw.length, 6);
  return Buffer.concat([chunkHead(deflated.length), deflated, end]);
}

/** The same for whatever deflated bytes, with the checksum and the length of all that comes out of them. */
export function memberOf(deflated: Buffer): Buffer {
  return chunkMember(inflatedAlone(deflated), deflated);
}

/** What comes out of deflated bytes, be they complete or not; nothing where zlib refuses them. */
export function inflatedAlone(deflated: Buffer): Buffer {
  try {
    return inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
