import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { maskSecrets } from "../../contract/secrets.ts";
import { archiveError, openArchive } from "./chunks.ts";
import type { SessionReader } from "./reader.ts";
import {
  entryOf,
  isAlias,
  segmentsOf,
  type ArchiveStream,
  type ByteSpan,
  type SessionBytes,
  type StoredSession,
} from "./session.ts";
import { readRange } from "./spool.ts";

export interface StreamOptions {
  /** The stored `.gz` as it is. Where masks or an alias make that impossible, the stream is plain and says so. */
  gzip: boolean;
  /** Hides our own secrets; the length stays the same. */
  mask: boolean;
}

/** A session's bytes as a source of streams. Nothing is read before one is asked for. */
export function sessionBytes(
  reader: SessionReader,
  session: StoredSession,
  options: StreamOptions,
): SessionBytes {
  return {
    entry: entryOf(session),
    stream: (range = {}) => openStream(reader, session, { ...options, ...range }),
  };
}

/** Its first bytes are read before this returns, so a damaged archive is an error here. */
async function openStream(
  reader: SessionReader,
  session: StoredSession,
  options: StreamOptions & ByteSpan,
): Promise<ArchiveStream> {
  const stored = options.gzip && !options.mask ? await openStored(reader.root, session) : undefined;
  const total = stored === undefined ? session.facts.bytes : session.facts.gzip_bytes;
  const from = Math.min(options.fromByte ?? 0, total);
  const to = Math.max(from, Math.min(options.toByte ?? total, total));
  const pieces =
    stored === undefined
      ? rawPieces(reader, session, { from, to, mask: options.mask })
      : storedPieces(stored, { from, to });
  return {
    sizeBytes: to - from,
    encoding: stored === undefined ? "identity" : "gzip",
    stream: Readable.from(await begun(pieces), { objectMode: false }),
  };
}

/** The session's own file; undefined when it holds other sessions' bytes too, or grew since the session was looked up. */
async function openStored(root: string, session: StoredSession): Promise<FileHandle | undefined> {
  if (isAlias(session) || session.damaged !== undefined) return undefined;
  const handle = await openArchive(root, segmentsOf(session)).catch((error: unknown) => {
    throw archiveError(error, segmentsOf(session));
  });
  let isSame = false;
  try {
    isSame = (await handle.stat()).size === session.facts.gzip_bytes;
  } finally {
    if (!isSame) await handle.close();
  }
  return isSame ? handle : undefined;
}

async function* rawPieces(
  reader: SessionReader,
  session: StoredSession,
  { from, to, mask }: { from: number; to: number; mask: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  if (from === to) return;
  for await (const { firstByte, data } of reader.chunks(session, { fromByte: from, toByte: to })) {
    // Masked before it is cut: half a secret would not be recognised.
    const shown = mask ? masked(data) : data;
    const piece = shown.subarray(Math.max(0, from - firstByte), Math.max(0, to - firstByte));
    if (piece.length > 0) yield piece;
  }
}

async function* storedPieces(
  stored: FileHandle,
  range: { from: number; to: number },
): AsyncGenerator<Buffer, void, undefined> {
  await using handle = stored;
  yield* readRange(handle, range);
}

/** A secret is ASCII, so bytes taken one by one as characters show it as well as decoded text, and keep every byte. */
function masked(data: Buffer): Buffer {
  const text = data.toString("latin1");
  const shown = maskSecrets(text);
  return shown === text ? data : Buffer.from(shown, "latin1");
}

/** The same pieces, the first one already read. Closing it before its end closes the pieces, begun or not. */
async function begun(pieces: AsyncGenerator<Buffer, void, undefined>): Promise<AsyncIterable<Buffer>> {
  const waiting = [await pieces.next()];
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => waiting.shift() ?? pieces.next(),
      return: () => pieces.return(),
    }),
  };
}
