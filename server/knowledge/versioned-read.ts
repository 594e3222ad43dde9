import type { FileHandle } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { MEMORIES } from "../../contract/memory-prefix.ts";
import { readSized } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { parseTime } from "../../contract/time.ts";
import { openCurrent, openHistory } from "./current-file.ts";
import type { AtVersion, Document } from "./document.ts";
import { modifiedOf, type History, type KeptVersion } from "./history.ts";
import type { KnownDocuments } from "./known-documents.ts";
import type { Place } from "./place.ts";

interface Reading {
  limitBytes: number;
  /** What need not be read again; what is read is added. */
  known: KnownDocuments;
  now: Date;
}

/** Reads a versioned file. Throws `not_found`, `forbidden` for links, `too_large` for a file edited by hand beyond `limitBytes`. */
export async function readVersioned(place: Place, at: AtVersion, reading: Reading): Promise<Document> {
  if (at.version !== undefined && at.as_of !== undefined)
    throw new AppError("invalid_input", "version and as_of: give one of them, not both");
  if (at.version === undefined && at.as_of === undefined) return readCurrent(place, reading);
  const { limitBytes } = reading;
  const time = at.as_of === undefined ? undefined : parseTime("as_of", at.as_of);
  await using current = await openCurrent(place);
  const isWanted = (file: { version: number; modified: Date; isHandEdit: boolean }) =>
    // What hand edits replaced and when is known only from the file's own time.
    time === undefined ? at.version === file.version : file.isHandEdit && file.modified <= time;
  if (current !== undefined && isWanted(current)) return await documentOf(place, current, limitBytes);

  await using history = await openHistory(place);
  const kept =
    time === undefined
      ? history.versions.find(({ version }) => version === at.version)
      : await history.newestAt(time);
  return await documentOfVersion(place, history, kept, limitBytes);
}

async function readCurrent(place: Place, { limitBytes, known, now }: Reading): Promise<Document> {
  const found = await known.find(place);
  if (found !== undefined) return found;
  await using current = await openCurrent(place);
  if (current === undefined) throw missing(place);
  const document = await documentOf(place, current, limitBytes);
  known.keep(place, document, { stats: current.stats, openedAfter: now });
  return document;
}

async function documentOfVersion(
  place: Place,
  history: History,
  kept: KeptVersion | undefined,
  limitBytes: number,
): Promise<Document> {
  if (kept === undefined) throw missingVersion(place, history);
  if (kept.deleted) throw deletedThen(place, kept);
  const { handle, stats } = await history.openWithStats(kept);
  await using _handle = handle;
  const file = { handle, modified: modifiedOf(stats), version: kept.version, sizeBytes: Number(stats.size) };
  return await documentOf(place, file, limitBytes);
}

async function documentOf(
  place: Place,
  file: { handle: FileHandle; modified: Date; version: number; sizeBytes: number },
  limitBytes: number,
): Promise<Document> {
  const bytes = await readSized(file.handle, { sizeBytes: file.sizeBytes, limitBytes });
  if (bytes === undefined)
    throw new AppError("too_large", `"${place.path}" was made larger than ${limitBytes} bytes by hand`, {
      hint: "Split the file on the server",
    });
  return { path: place.path, bytes, sha256: sha256(bytes), modified: file.modified, version: file.version };
}

/** There is no current file. */
export function missing(place: Place): AppError {
  // So it lies on the disk, below the workspace's folder.
  const isMemory = `/${place.path}`.startsWith(MEMORIES);
  return new AppError("not_found", `No such file: "${place.path}"`, {
    hint: isMemory
      ? `A memory's path begins with a slash: "/${place.path}"`
      : "list_knowledge shows what there is; version or as_of reads what there was",
  });
}

function missingVersion(place: Place, history: History): AppError {
  const numbers = history.versions.filter(({ deleted }) => !deleted).map(({ version }) => version);
  const [first] = numbers;
  if (first === undefined) return missing(place);
  return new AppError("not_found", `No such version of "${place.path}"`, {
    hint: `Its ${numbers.length} kept versions are numbered from ${first} to ${numbers.at(-1)}`,
  });
}

function deletedThen(place: Place, mark: KeptVersion): AppError {
  return new AppError("not_found", `"${place.path}" was deleted then (version ${mark.version})`, {
    hint: "Earlier versions are still readable",
  });
}
