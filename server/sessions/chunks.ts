import type { FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { parseArchiveName } from "../storage/layout.ts";
import {
  DamagedGzip,
  isZlibError,
  SeekableGzipFile,
  type PlacedChunk,
} from "../storage/seekable-gzip-file.ts";
import { LineBlocks } from "./line-blocks.ts";

/** Whole lines of an archive; only the last chunk may end without a line end. */
export interface RawChunk {
  /** Line number of the first line, counted from 1. */
  firstLine: number;
  /** Position of the first byte in the raw transcript. */
  firstByte: number;
  /** Lines that begin in this chunk. */
  lines: number;
  data: Buffer;
}

export interface ChunkRange {
  /** Chunks that end before this line are not read. */
  fromLine?: number | undefined;
  /** Chunks that end at or before this raw byte are not read. */
  fromByte?: number | undefined;
  /** Chunks that begin at or after this raw byte are not read. Whoever gives it wants all chunks before it, of any lines. */
  toByte?: number | undefined;
  /** Reading ends before the first chunk that begins after this line. */
  toLine?: number | undefined;
  /** Chunks of other lines are not read. */
  isWanted?: ((lines: Pick<RawChunk, "firstLine" | "lines">) => boolean) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Reads an archive chunk by chunk; `segments` is its path below the root. With a chunk table only what is asked for
 * is inflated, and every chunk is checked before it is given; a plain gzip is inflated from its beginning and checked
 * at its end. Throws `damaged`, naming the session, and `not_found` when the file is gone. It keeps no state, so it
 * works in any thread.
 */
export async function* readChunks(
  root: string,
  segments: readonly string[],
  range: ChunkRange = {},
): AsyncGenerator<RawChunk, void, undefined> {
  try {
    await using handle = await openArchive(root, segments);
    const file = await SeekableGzipFile.open(handle);
    const readTable = range.toByte === undefined ? tableChunks : spanChunks;
    yield* file.chunks === undefined ? plainChunks(handle, range) : readTable(file, range);
  } catch (error) {
    throw archiveError(error, segments);
  }
}

/** Opens an archive for reading; no link on the way is followed. */
export async function openArchive(root: string, segments: readonly string[]): Promise<FileHandle> {
  await using folder = await Folder.below(root, ...segments.slice(0, -1));
  return await folder.openFile(segments.at(-1) ?? "");
}

/** What a failure to read an archive means to a caller. */
export function archiveError(error: unknown, segments: readonly string[]): unknown {
  const name = parseArchiveName(segments.at(-1) ?? "")?.sessionId ?? "unknown";
  if (error instanceof DamagedGzip || isZlibError(error)) return damagedSession(name, error);
  if (isErrno(error, "ENOENT"))
    return new AppError("not_found", `The archive of session "${name}" is gone`, { cause: error });
  return error;
}

/** The archive is there but holds something else than what was stored. */
export function damagedSession(sessionId: string, cause?: unknown): AppError {
  return new AppError("damaged", `The archive of session "${sessionId}" is damaged; it cannot be read`, {
    cause,
    hint: "Upload the session again, or restore its archive from a backup",
  });
}

async function* tableChunks(
  file: SeekableGzipFile,
  range: ChunkRange,
): AsyncGenerator<RawChunk, void, undefined> {
  for (const chunk of chunksToRead(file.chunks ?? [], range)) {
    const { firstLine, firstByte, lines, rawBytes } = chunk;
    // Few are wanted, one after the other: for most the way to the thread pool and back is the longer work.
    const here = rawBytes <= 2 * LIMITS.sessions.chunkBytes;
    yield { firstLine, firstByte, lines, data: await file.inflate(chunk, { here }) };
  }
}

/** The chunks in a range, one by one as they are read. */
export function* chunksToRead(
  chunks: readonly PlacedChunk[],
  { fromLine = 1, toLine = Infinity, fromByte = 0, isWanted, signal }: ChunkRange,
): Generator<PlacedChunk> {
  for (const chunk of chunks) {
    const { firstLine, firstByte, lines } = chunk;
    if (firstLine + lines <= fromLine || firstByte + chunk.rawBytes <= fromByte) continue;
    if (firstLine > toLine) return;
    if (isWanted?.(chunk) === false) continue;
    signal?.throwIfAborted();
    yield chunk;
  }
}

/** Chunks that will all be wanted: while one is worked on the next ones are inflated. */
async function* spanChunks(
  file: SeekableGzipFile,
  { fromByte = 0, toByte = Infinity, signal }: ChunkRange,
): AsyncGenerator<RawChunk, void, undefined> {
  const wanted = (file.chunks ?? []).filter(
    ({ firstByte, rawBytes }) => firstByte + rawBytes > fromByte && firstByte < toByte,
  );
  const ahead: Promise<Buffer>[] = [];
  for (const [index, { firstLine, firstByte, lines, rawBytes }] of wanted.entries()) {
    signal?.throwIfAborted();
    const limit = firstByte + Math.max(rawBytes, LIMITS.sessions.readAheadBytes);
    for (let next = wanted[index + ahead.length]; next !== undefined && next.firstByte < limit;) {
      ahead.push(begun(file.inflate(next)));
      next = wanted[index + ahead.length];
    }
    const data = await ahead.shift();
    if (data !== undefined) yield { firstLine, firstByte, lines, data };
  }
}

/** Awaited when it is its turn; until then a failure must not count as unhandled. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

async function* plainChunks(
  handle: FileHandle,
  { fromLine = 1, toLine = Infinity, fromByte = 0, toByte = Infinity, isWanted, signal }: ChunkRange,
): AsyncGenerator<RawChunk, void, undefined> {
  const gunzip = createGunzip();
  const source = handle.createReadStream({ start: 0, autoClose: false });
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const { firstLine, firstByte, lines, data } of LineBlocks.of(
      gunzip,
      LIMITS.sessions.chunkBytes,
    )) {
      signal?.throwIfAborted();
      if (firstLine + lines <= fromLine || firstByte + data.length <= fromByte) continue;
      if (firstLine > toLine || firstByte >= toByte) return;
      if (isWanted?.({ firstLine, lines }) === false) continue;
      yield { firstLine, firstByte, lines, data };
    }
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
