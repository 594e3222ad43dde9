import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { KnowledgeEntry, KnowledgePage } from "../../contract/wire.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import { takeFitting } from "../storage/fitting.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { AREAS, areaOf, type Area } from "./area.ts";
import { openCurrent, type CurrentFile } from "./current-file.ts";
import { titleOf } from "./document.ts";
import { Place } from "./place.ts";
import { knowledgePaths } from "./walk.ts";

const KIND = "knowledge";

export interface KnowledgeFilter {
  /** Only paths that begin with this. */
  prefix?: string | undefined;
  cursor?: string | undefined;
  /** Entries per page; default and most `LIMITS.answer.pageEntries`. A page also ends at `LIMITS.answer.defaultBytes`. */
  limit?: number | undefined;
}

/** A page of the workspace's documents: the knowledge files, sorted by path, then the memories. Throws `invalid_input` for a foreign cursor. */
export async function listKnowledge(
  root: string,
  workspaceId: string,
  filter: KnowledgeFilter,
): Promise<KnowledgePage> {
  const limit = Math.min(filter.limit ?? LIMITS.answer.pageEntries, LIMITS.answer.pageEntries);
  const after = filter.cursor === undefined ? "" : decodeCursor(KIND, filter.cursor, z.string());
  const prefix = (filter.prefix ?? "").normalize("NFC");
  const { paths, hasMore } = await firstPaths(root, workspaceId, { prefix, after }, limit);
  const found = await mapBounded(paths, LIMITS.concurrency.fileReads, (path) =>
    entryOf(Place.of(root, workspaceId, path)),
  );
  const all = found.filter((entry) => entry !== undefined);
  const entries = takeFitting(all, limit);
  const next = entries.length < all.length ? entries.at(-1)?.path : hasMore ? paths.at(-1) : undefined;
  return {
    entries,
    ...(next !== undefined && { next_cursor: encodeCursor(KIND, next) }),
  };
}

async function firstPaths(
  root: string,
  workspaceId: string,
  range: { prefix: string; after: string },
  limit: number,
): Promise<{ paths: string[]; hasMore: boolean }> {
  const paths: string[] = [];
  for await (const path of documentPaths(root, workspaceId, range)) {
    if (paths.length === limit) return { paths, hasMore: true };
    paths.push(path);
  }
  return { paths, hasMore: false };
}

async function* documentPaths(
  root: string,
  workspaceId: string,
  { prefix, after }: { prefix: string; after: string },
): AsyncGenerator<string> {
  const first = areaOf(after);
  for (const area of AREAS.slice(AREAS.indexOf(first)).filter((each) => mayBegin(each, prefix))) {
    const folder = await unlessMissing(enterWorkspace(root, workspaceId, area.current));
    if (folder === undefined) continue;
    await using open = folder;
    yield* knowledgePaths(open, { prefix, after: area === first ? after : "" }, area.prefix);
  }
}

/** Whether the path of a document of the area can begin so. */
function mayBegin(area: Area, prefix: string): boolean {
  return areaOf(prefix) === area || area.prefix.startsWith(prefix);
}

/** Undefined for a file that went away meanwhile or is not ours to open. */
async function entryOf(place: Place): Promise<KnowledgeEntry | undefined> {
  try {
    await using current = await openCurrent(place);
    if (current === undefined) return undefined;
    return {
      path: place.path,
      bytes: current.sizeBytes,
      modified: current.modified.toISOString(),
      title: titleOf(await beginningOf(current), place.path).text,
      versions: current.contents,
    };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function beginningOf({ handle }: CurrentFile): Promise<Buffer> {
  const { titleScanBytes } = LIMITS.knowledge;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(titleScanBytes), 0, titleScanBytes, 0);
  return buffer.subarray(0, bytesRead);
}
