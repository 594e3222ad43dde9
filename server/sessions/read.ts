import { damagedSession, readChunks, type ChunkRange, type RawChunk } from "./chunks.ts";
import { segmentsOf, type StoredSession } from "./session.ts";

/**
 * The raw bytes of a session, chunk by chunk: its archive, or, for an alias, the beginning of the archive it names.
 * Throws `damaged`, also when the archive ends before the session does.
 */
export async function* sessionChunks(
  root: string,
  session: StoredSession,
  range: ChunkRange = {},
): AsyncGenerator<RawChunk, void, undefined> {
  if (session.damaged) throw damagedSession(session.facts.session_id);
  const { bytes, lines } = session.facts;
  for await (const chunk of readChunks(root, segmentsOf(session), range)) {
    const data = chunk.data.subarray(0, bytes - chunk.firstByte);
    yield data.length === chunk.data.length ? chunk : { ...chunk, data, lines: lines - chunk.firstLine + 1 };
    if (chunk.firstByte + data.length >= bytes) return;
  }
  if ((range.fromByte ?? 0) < bytes && (range.fromLine ?? 1) <= lines)
    throw damagedSession(session.facts.session_id);
}
