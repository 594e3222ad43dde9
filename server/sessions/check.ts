import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, parseArchiveName } from "../storage/layout.ts";
import { SeekableGzipFile } from "../storage/seekable-gzip-file.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { openArchive, readChunks } from "./chunks.ts";
import { chunkRows, contentFields, contentOf, factsText, type Content } from "./facts.ts";
import { sessionChunks } from "./read.ts";
import {
  archiveAt,
  segmentsOf,
  stored,
  type FileStamp,
  type KnownFacts,
  type Place,
  type SessionFacts,
  type StoredSession,
} from "./session.ts";
import { archiveSegments } from "../storage/layout.ts";

/** A month's folder, held open, and where it belongs. */
export interface Month {
  root: string;
  workspaceId: string;
  folders: readonly [string, string];
  folder: Folder;
  guard: WriteGuard;
}

/**
 * Reads a whole archive for what is true about it. `known` facts are kept where they fit; otherwise they are made and
 * written anew. An archive that cannot be read gives a damaged session; one that is gone, none.
 */
export async function factsAgain(
  month: Month,
  place: Place,
  known: KnownFacts | undefined,
): Promise<StoredSession | undefined> {
  const name = `${place.base}${ARCHIVE_SUFFIX}`;
  const stat = await unlessMissing(lstat(month.folder.at(name), { bigint: true }));
  if (stat === undefined || !stat.isFile()) return undefined;
  const segments = archiveSegments(month.workspaceId, archiveAt(place));
  const file = {
    ...(known ?? unknownFacts(place, stat)),
    archive: archiveAt(place),
    gzip_bytes: Number(stat.size),
  };
  try {
    const content = await contentOf(readChunks(month.root, segments, { toByte: Infinity }));
    if (known !== undefined && isFile(known, file) && isContent(known, content))
      return stored(month.workspaceId, place, known);
    const facts: SessionFacts = {
      ...unknownFacts(place, stat),
      ...contentFields(content, startOf(place)),
      chunks: chunkRows(await tableOf(month.root, segments)),
    };
    await keepFacts(month, place.base, facts);
    return stored(month.workspaceId, place, facts);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "not_found") return undefined;
    return { ...stored(month.workspaceId, place, file), damaged: fileStamp(stat) };
  }
}

/**
 * Reads a session's bytes, whole, and says whether they are what its facts say, unless the archive is still as it was
 * when it was found `damaged`. Undefined when the archive is gone.
 */
export async function verified(
  root: string,
  session: StoredSession,
  damaged?: FileStamp,
): Promise<StoredSession | undefined> {
  const stamp = await stampOf(root, session);
  if (stamp === undefined) return undefined;
  if (stamp === damaged) return { ...session, damaged };
  const whole = { ...session, damaged: undefined };
  try {
    for await (const _ of sessionChunks(root, whole, { toByte: whole.facts.bytes }));
    return whole;
  } catch (error) {
    if (error instanceof AppError) return { ...session, damaged: stamp };
    throw error;
  }
}

/** The archive with a session's bytes as it is now; undefined when it is gone. */
export async function stampOf(root: string, session: StoredSession): Promise<FileStamp | undefined> {
  const segments = segmentsOf(session);
  await using folder = await unlessMissing(Folder.below(root, ...segments.slice(0, -1)));
  const stat = folder && (await unlessMissing(lstat(folder.at(segments.at(-1) ?? ""), { bigint: true })));
  return stat && fileStamp(stat);
}

export function fileStamp({ ino, size, mtimeNs, ctimeNs }: BigIntStats): FileStamp {
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}

function isFile(facts: KnownFacts, { archive, gzip_bytes }: KnownFacts): boolean {
  return facts.archive === archive && facts.gzip_bytes === gzip_bytes;
}

function isContent(facts: KnownFacts, content: Content): boolean {
  return facts.bytes === content.bytes && facts.lines === content.lines && facts.sha256 === content.sha256;
}

async function tableOf(root: string, segments: readonly string[]) {
  await using handle = await openArchive(root, segments);
  return (await SeekableGzipFile.open(handle)).chunks ?? [];
}

/** Facts are derived: a disk that takes no writes, or something else of that name, keeps no session from being read. */
async function keepFacts(month: Month, base: string, facts: SessionFacts): Promise<void> {
  try {
    await month.guard.run(() => replaceFile(month.folder, `${base}${FACTS_SUFFIX}`, factsText(facts)));
  } catch (error) {
    if (!(error instanceof AppError) && !isErrno(error, "EISDIR", "EEXIST", "ENOTEMPTY", "EACCES", "EPERM"))
      throw error;
  }
}

/** What the file's name and size tell. */
function unknownFacts(place: Place, { size, mtime }: BigIntStats): SessionFacts {
  const started = startOf(place).toISOString();
  const name = parseArchiveName(`${place.base}${ARCHIVE_SUFFIX}`);
  return {
    session_id: name?.sessionId ?? "",
    revision: name?.revision ?? 1,
    tool: "unknown",
    started,
    ended: started,
    lines: 0,
    bytes: 0,
    gzip_bytes: Number(size),
    sha256: sha256(""),
    first_prompt: "",
    archive: archiveAt(place),
    chunks: [],
    stored_at: mtime.toISOString(),
  };
}

/** `20261121T064516Z-…` began at 2026-11-21T06:45:16Z; a stamp that is no moment counts as the beginning of time. */
function startOf({ base }: Place): Date {
  const iso = base.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, "$1-$2-$3T$4:$5:$6Z");
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
