import { damagedSession, readChunks, type ChunkRange, type RawChunk } from "./chunks.ts";
import { addTo, newHash } from "./hash-memory.ts";
import { Pace } from "./pace.ts";
import { segmentsOf, type StoredSession } from "./session.ts";

/**
 * The raw bytes of a session, chunk by chunk: its archive, or, for an alias, the beginning of the archive it names.
 * Throws `damaged`, also when the archive ends before the session does. Bytes that are read from the first to the last
 * are checked against the session's digest before the last ones are given.
 */
export async function* sessionChunks(
  root: string,
  session: StoredSession,
  range: ChunkRange = {},
): AsyncGenerator<RawChunk, void, undefined> {
  const { session_id: id, bytes, lines, sha256 } = session.facts;
  const { fromByte = 0, fromLine = 1 } = range;
  const toByte = Math.min(range.toByte ?? bytes, bytes);
  if (session.damaged !== undefined) throw damagedSession(id);
  const hash = fromByte === 0 && fromLine === 1 && toByte === bytes ? newHash() : undefined;
  const pace = new Pace();
  for await (const chunk of readChunks(root, segmentsOf(session), range)) {
    const data = chunk.data.subarray(0, bytes - chunk.firstByte);
    const end = chunk.firstByte + data.length;
    if (hash !== undefined) await addTo(hash, data, pace);
    if (end >= bytes && hash !== undefined && hash.digest("hex") !== sha256) throw damagedSession(id);
    yield data.length === chunk.data.length ? chunk : { ...chunk, data, lines: lines - chunk.firstLine + 1 };
    if (end >= toByte) return;
  }
  if (fromByte < toByte && fromLine <= lines) throw damagedSession(id);
}
