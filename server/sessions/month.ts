import { lstat } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { sha256 } from "../../disk/digest.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, LAYOUT, parseArchiveName } from "../storage/layout.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { openArchive, readChunks } from "./chunks.ts";
import { chunkRows, contentFields, contentOf, factsText, readFacts } from "./facts.ts";
import { archiveAt, type Place, type SessionFacts, type StoredSession } from "./session.ts";
import { SeekableGzipFile } from "../storage/seekable-gzip-file.ts";

/** A month's folder, held open, and where it belongs. */
export interface Month {
  root: string;
  workspaceId: string;
  folders: readonly [string, string];
  folder: Folder;
  guard: WriteGuard;
}

/**
 * The sessions of one month's folder, by the base name of their files. What is in `known` and has not changed on disk
 * is not read again. Facts that are missing or do not fit their archive are made anew from it.
 */
export async function readMonth(
  month: Month,
  known: ReadonlyMap<string, StoredSession>,
): Promise<Map<string, StoredSession>> {
  const names = await month.folder.names();
  const bases = without(
    ARCHIVE_SUFFIX,
    names.filter((name) => parseArchiveName(name) !== undefined),
  );
  const archives = new Set(bases);
  const aliases = without(FACTS_SUFFIX, names).filter((base) => !archives.has(base));
  const sessions = new Map<string, StoredSession>();
  const keep = (base: string, session: StoredSession | undefined) =>
    session !== undefined && sessions.set(base, session);
  await inParallel(bases, async (base) => keep(base, await archived(month, base, known.get(base))));
  await inParallel(aliases, async (base) => keep(base, await alias(month, base)));
  return sessions;
}

/** Those names that end with a suffix, without it. */
function without(suffix: string, names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

async function archived(
  month: Month,
  base: string,
  known: StoredSession | undefined,
): Promise<StoredSession | undefined> {
  const place = { folders: month.folders, base };
  const stat = await unlessMissing(lstat(month.folder.at(`${base}${ARCHIVE_SUFFIX}`)));
  // A link or a folder with an archive's name is nothing of ours.
  if (stat === undefined || !stat.isFile()) return undefined;
  const fits = (facts: Omit<SessionFacts, "chunks">) =>
    facts.gzip_bytes === stat.size && facts.archive === archiveAt(place) && sameName(facts, base);
  if (known !== undefined && !known.damaged && fits(known.facts)) return known;
  const read = await readFacts(month.folder, base);
  if (read !== undefined && fits(read)) return stored(month.workspaceId, place, read);
  return rebuilt(month, place, { sizeBytes: stat.size, modified: stat.mtime });
}

function sameName(facts: Omit<SessionFacts, "chunks">, base: string): boolean {
  const name = parseArchiveName(`${base}${ARCHIVE_SUFFIX}`);
  return facts.session_id === name?.sessionId && facts.revision === name.revision;
}

/** Facts without an archive count only when they name another session's. */
async function alias(month: Month, base: string): Promise<StoredSession | undefined> {
  const place = { folders: month.folders, base };
  const facts = await readFacts(month.folder, base);
  if (facts === undefined || facts.archive === archiveAt(place) || !sameName(facts, base)) return undefined;
  return stored(month.workspaceId, place, facts);
}

export function stored(
  workspaceId: string,
  place: Place,
  { chunks: _, ...facts }: SessionFacts,
): StoredSession {
  return { workspaceId, place, facts, damaged: false };
}

async function rebuilt(
  month: Month,
  place: Place,
  file: { sizeBytes: number; modified: Date },
): Promise<StoredSession | undefined> {
  const segments = [
    LAYOUT.workspaces,
    month.workspaceId,
    LAYOUT.sessions,
    ...place.folders,
    `${place.base}${ARCHIVE_SUFFIX}`,
  ];
  try {
    const content = await contentOf(readChunks(month.root, segments));
    const facts: SessionFacts = {
      ...unknownFacts(place, file),
      ...contentFields(content, startOf(place)),
      chunks: chunkRows(await tableOf(month.root, segments)),
    };
    await keepFacts(month, place.base, facts);
    return stored(month.workspaceId, place, facts);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "not_found") return undefined;
    return { ...stored(month.workspaceId, place, unknownFacts(place, file)), damaged: true };
  }
}

async function tableOf(root: string, segments: string[]) {
  await using handle = await openArchive(root, segments);
  return (await SeekableGzipFile.open(handle)).chunks ?? [];
}

/** Facts are derived: a disk that takes no writes does not keep a session from being read. */
async function keepFacts(month: Month, base: string, facts: SessionFacts): Promise<void> {
  try {
    await month.guard.run(() => replaceFile(month.folder, `${base}${FACTS_SUFFIX}`, factsText(facts)));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

/** What the file's name and size tell. */
function unknownFacts(place: Place, file: { sizeBytes: number; modified: Date }): SessionFacts {
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
    gzip_bytes: file.sizeBytes,
    sha256: sha256(""),
    first_prompt: "",
    archive: archiveAt(place),
    chunks: [],
    stored_at: file.modified.toISOString(),
  };
}

/** `20261121T064516Z-…` began at 2026-11-21T06:45:16Z; a stamp that is no moment counts as the beginning of time. */
function startOf({ base }: Place): Date {
  const iso = base.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, "$1-$2-$3T$4:$5:$6Z");
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: LIMITS.concurrency.fileReads }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(workers);
}
