import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { SeekableGzipFile, type PlacedChunk } from "../storage/seekable-gzip-file.ts";
import { archiveError, openArchive } from "./chunks.ts";
import { addTo, newHash, type HashMemory } from "./hash-memory.ts";
import { Pace } from "./pace.ts";
import { sessionChunks } from "./read.ts";
import { segmentsOf, type StoredSession } from "./session.ts";

/**
 * A stored session that gets a tail, held open. Its chunks stay as they are, but for the last one, which is deflated
 * again together with the tail, because the tail may go on in the middle of its last line.
 */
export interface Growth extends AsyncDisposable {
  session: StoredSession;
  handle: FileHandle;
  /** Chunks whose deflated bytes are copied. */
  keptChunks: readonly PlacedChunk[];
  /** Raw bytes in them. */
  keptBytes: number;
  /** Has seen all stored bytes. */
  hash: Hash;
}

/** Throws `damaged` when the stored bytes are not what was stored. */
export async function openGrowth(root: string, session: StoredSession, hashes: HashMemory): Promise<Growth> {
  const hash = hashes.get(session.facts.sha256) ?? (await hashOf(root, session));
  const handle = await openArchive(root, segmentsOf(session));
  try {
    const { chunks = [] } = await SeekableGzipFile.open(handle);
    const keptChunks = chunks.filter(({ firstByte, rawBytes }) => firstByte + rawBytes < session.facts.bytes);
    const keptBytes = keptChunks.reduce((bytes, { rawBytes }) => bytes + rawBytes, 0);
    return { session, handle, keptChunks, keptBytes, hash, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw archiveError(error, segmentsOf(session));
  }
}

/** The stored bytes behind the kept chunks. */
export async function* restOf(
  root: string,
  { session, keptBytes }: Growth,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const { data, firstByte } of sessionChunks(root, session, { fromByte: keptBytes }))
    yield data.subarray(Math.max(0, keptBytes - firstByte));
}

async function hashOf(root: string, session: StoredSession): Promise<Hash> {
  const hash = newHash();
  const pace = new Pace();
  const toByte = session.facts.bytes;
  for await (const { data } of sessionChunks(root, session, { toByte })) await addTo(hash, data, pace);
  return hash;
}

/** True for an error that says the stored bytes cannot be read. */
export function isDamage(error: unknown): boolean {
  return error instanceof AppError && (error.code === "damaged" || error.code === "not_found");
}
