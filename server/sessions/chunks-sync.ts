import { FolderSync } from "../../disk/folder-sync.ts";
import { giveBack } from "../storage/give-back.ts";
import { SeekableGzipSync } from "../storage/seekable-gzip-sync.ts";
import { archiveError, chunksToRead, readChunks, type ChunkRange, type RawChunk } from "./chunks.ts";

/**
 * As `readChunks`, for threads that do nothing else meanwhile: a chunk takes half the time. Its data is gone when the next
 * is asked for. Only a gzip without a chunk table is waited for, since it is inflated piece by piece.
 */
export async function* readChunksHere(
  root: string,
  segments: readonly string[],
  range: ChunkRange = {},
): AsyncGenerator<RawChunk, void, undefined> {
  try {
    using folder = FolderSync.enter(root, ...segments.slice(0, -1));
    using file = folder.openFile(segments.at(-1) ?? "");
    const gzip = new SeekableGzipSync(file);
    if (gzip.chunks === undefined) {
      yield* readChunks(root, segments, range);
      return;
    }
    for (const chunk of chunksToRead(gzip.chunks, range)) {
      const data = gzip.inflate(chunk);
      yield { ...placeOf(chunk), data };
      giveBack(data);
    }
  } catch (error) {
    throw archiveError(error, segments);
  }
}

function placeOf({ firstLine, firstByte, lines }: Omit<RawChunk, "data">): Omit<RawChunk, "data"> {
  return { firstLine, firstByte, lines };
}
