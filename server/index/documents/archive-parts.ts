import { crc32 } from "node:zlib";
import { AppError } from "../../../contract/errors.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { archiveError } from "../../sessions/chunks.ts";
import { readChunksHere } from "../../sessions/chunks-sync.ts";
import { archiveSegments } from "../../storage/layout.ts";
import type { PlacedChunk } from "../../storage/seekable-gzip-file.ts";
import { SeekableGzipSync } from "../../storage/seekable-gzip-sync.ts";
import type { GramCollector } from "../text/grams.ts";
import { passagesOf, type Passage } from "./passages.ts";

/** The lines of an archive that belong to a session: an alias may end before the archive does. */
export interface ArchiveLines {
  workspaceId: string;
  /** Path of the file below `sessions/`. */
  archive: string;
  lines: number;
}

/** How much of an archive was read: whole chunks, known by the CRC-32 of all raw bytes up to the end of each. */
export interface Progress {
  checks: readonly number[];
  /** Lines in these chunks. */
  lines: number;
}

/** Of an archive that is to be read from its beginning. */
export const NOTHING_READ: Progress = { checks: [], lines: 0 };

/** How much of what was read before, by its checks, is the beginning of the archive still. */
export function progressIn(
  root: string,
  { workspaceId, archive, lines }: ArchiveLines,
  checks: readonly number[],
): Progress {
  if (checks.length === 0) return NOTHING_READ;
  const chunks = chunksOf(root, archiveSegments(workspaceId, archive));
  const changed = chunks.findIndex(
    ({ crc, firstLine, lines: count }, index) => crc !== checks[index] || firstLine + count - 1 > lines,
  );
  const same = chunks.slice(0, changed === -1 ? chunks.length : changed);
  const last = same.at(-1);
  if (last === undefined) return NOTHING_READ;
  return { checks: checks.slice(0, same.length), lines: last.firstLine + last.lines - 1 };
}

/**
 * What follows on the progress, chunk by chunk, so that memory stays bounded, each with the progress it makes. Throws
 * `damaged`, and `conflict` when the archive is changed meanwhile.
 */
export async function* archiveParts(
  root: string,
  { workspaceId, archive, lines }: ArchiveLines,
  from: Progress,
  grams: GramCollector,
): AsyncGenerator<{ passages: Passage[]; progress: Progress }> {
  const checks = [...from.checks];
  let read = from.lines;
  const segments = archiveSegments(workspaceId, archive);
  for await (const chunk of readChunksHere(root, segments, { fromLine: from.lines + 1 })) {
    if (chunk.firstLine > lines) return;
    if (chunk.firstLine !== read + 1)
      throw new AppError("conflict", "the archive was changed while it was read");
    const passages = [...passagesOf(chunk, lines, grams)];
    read += chunk.lines;
    // A chunk of which only a part belongs to the session is not done: more of it may, later.
    if (read <= lines) checks.push(crc32(chunk.data, checks.at(-1) ?? 0));
    yield { passages, progress: { checks, lines: Math.min(read, lines) } };
  }
}

function chunksOf(root: string, segments: readonly string[]): readonly PlacedChunk[] {
  try {
    using folder = FolderSync.enter(root, ...segments.slice(0, -1));
    using file = folder.openFile(segments.at(-1) ?? "");
    return new SeekableGzipSync(file).chunks ?? [];
  } catch (error) {
    throw archiveError(error, segments);
  }
}
