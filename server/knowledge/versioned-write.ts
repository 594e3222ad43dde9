import { unlink } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { linkOrCopy, TempFile } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { syncOrStop } from "../../disk/sync.ts";
import { versionName } from "../storage/layout.ts";
import { digestOfCurrent, openCurrent, type CurrentFile } from "./current-file.ts";
import { History } from "./history.ts";
import type { Place } from "./place.ts";
import { tidy } from "./tidy.ts";
import { missing } from "./versioned-read.ts";

interface Change {
  now: Date;
  /** SHA-256 the current file must have; "" when there must be none; undefined when that does not matter. */
  expectedSha256: string | undefined;
}

interface Written {
  status: "created" | "updated" | "unchanged";
  version: number;
  sha256: string;
  /** Bytes of the content that was replaced; 0 when there was none. */
  bytesBefore: number;
}

/**
 * Writes a file that keeps its versions. The link of the new version is the commit point; a crash before it leaves
 * the old file, after it recovery finishes the rename. Durable when it returns. One caller per place at a time.
 * `beforeCreate` may refuse a new file. Throws `conflict` when the current file is not the expected one; where none is
 * expected, a file that somebody puts there at the last moment stays as it is.
 */
export async function writeVersioned(
  place: Place,
  content: Buffer,
  change: Change & { beforeCreate?: () => Promise<void> },
): Promise<Written> {
  await using current = await openCurrent(place);
  const digestBefore = await digestOfCurrent(current);
  assertExpected(place, digestBefore, change.expectedSha256);
  if (current === undefined) await change.beforeCreate?.();
  await using folder = await place.makeFolder();
  await using history = await History.open(await place.makeVersions());
  const version = await keepHandEdit(place, current, { folder, history });
  const digest = sha256(content);
  const bytesBefore = current?.sizeBytes ?? 0;
  if (current !== undefined && digestBefore === digest) {
    // The write before may have been cut off between its rename and its ack: an ack of ours must be as good.
    await syncBoth(folder, history);
    return { status: "unchanged", version: current.version, sha256: digest, bytesBefore };
  }

  await using temp = await TempFile.create(folder);
  await temp.write(content);
  await temp.handle.utimes(change.now, change.now);
  await temp.finish();
  await commit({ folder, history, temp, name: versionName(version) }, () =>
    change.expectedSha256 === "" ? putWhereNoneIs(place, temp) : temp.moveTo(place.name),
  );
  if (history.versions.length >= LIMITS.versions.newest) await tidy(pruneHistory(place, change.now));
  return { status: current === undefined ? "created" : "updated", version, sha256: digest, bytesBefore };
}

/** Deletes the current file; its content stays as a version. The mark of the deletion is the commit point. Throws `not_found`, `conflict`. */
export async function deleteVersioned(
  place: Place,
  change: Change,
): Promise<{ keptVersion: number; bytesBefore: number }> {
  await using current = await openCurrent(place);
  if (current === undefined) throw missing(place);
  if (change.expectedSha256 !== undefined)
    assertExpected(place, await digestOfCurrent(current), change.expectedSha256);
  await using folder = await place.enterFolder();
  await using history = await History.open(await place.makeVersions());
  const version = await keepHandEdit(place, current, { folder, history });

  await using temp = await TempFile.create(folder);
  await temp.handle.utimes(change.now, change.now);
  await temp.finish();
  const mark = versionName(version, "deleted");
  await commit({ folder, history, temp, name: mark }, () => unlink(folder.at(place.name)));
  return { keptVersion: current.version, bytesBefore: current.sizeBytes };
}

function assertExpected(place: Place, current: string | undefined, expected: string | undefined): void {
  if (expected === undefined || expected === (current ?? "")) return;
  const message =
    expected === ""
      ? `"${place.path}" exists already`
      : current === undefined
        ? `"${place.path}" does not exist any more`
        : `"${place.path}" was changed by another since it was read`;
  throw new AppError("conflict", message, {
    hint: "Read it again, merge, and write with the new digest",
    details: { current_sha256: current ?? "" },
  });
}

async function putWhereNoneIs(place: Place, temp: TempFile): Promise<void> {
  try {
    await temp.moveToFree(place.name);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    await using current = await openCurrent(place);
    assertExpected(place, await digestOfCurrent(current), "");
    throw error;
  }
}

/** Keeps an edit made by hand as a version of its own, durably, before it is replaced. Gives the next free number. */
async function keepHandEdit(
  place: Place,
  current: CurrentFile | undefined,
  { folder, history }: { folder: Folder; history: History },
): Promise<number> {
  if (current === undefined || !current.isHandEdit) return history.next;
  // Windows cannot flush a file that is open for reading only.
  if (process.platform !== "win32") await syncOrStop(current.handle);
  await addVersion(folder.at(place.name), history, versionName(current.version));
  await history.sync();
  return current.version + 1;
}

/** Adds the version, then makes it the current state with `apply`. A failed `apply` takes the version back. */
async function commit(
  step: { folder: Folder; history: History; temp: TempFile; name: string },
  apply: () => Promise<void>,
): Promise<void> {
  const { folder, history, temp, name } = step;
  await addVersion(folder.at(temp.name), history, name);
  try {
    await apply();
  } catch (error) {
    await unlessMissing(unlink(history.at(name)));
    throw error;
  }
  await syncBoth(folder, history);
}

/** Adds a version under a name that nobody has taken since the history was opened. */
async function addVersion(from: string, history: History, name: string): Promise<void> {
  try {
    await linkOrCopy(from, history.at(name));
  } catch (error) {
    if (isErrno(error, "EEXIST"))
      throw new AppError("conflict", "The file's versions were changed by hand meanwhile", { cause: error });
    throw error;
  }
}

async function syncBoth(folder: Folder, history: History): Promise<void> {
  await Promise.all([folder.sync(), history.sync()]);
}

/** What retention cannot drop now, it drops after a later write. */
async function pruneHistory(place: Place, now: Date): Promise<void> {
  await using history = await History.open(await place.enterVersions());
  await history.prune(now);
}
