import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { digestOf } from "../../disk/digest.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { History, modifiedOf } from "./history.ts";
import type { Place } from "./place.ts";

/** The current file of a place, held open, with what its history knows about it. */
export interface CurrentFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** What it was when it was opened. */
  readonly stats: BigIntStats;
  readonly sizeBytes: number;
  readonly modified: Date;
  /** The version whose content it is; for an edit made by hand, the number it gets when it is kept. */
  readonly version: number;
  /** True for an edit made by hand that no version keeps yet. */
  readonly isHandEdit: boolean;
  /** How many contents there are, this one included. */
  readonly contents: number;
}

/**
 * Opens the current file; undefined when there is none. Throws `forbidden` for links, devices, and a hard link that
 * is not one of our own: its bytes may be from anywhere.
 */
export async function openCurrent(place: Place): Promise<CurrentFile | undefined> {
  const folder = await unlessMissing(place.enterFolder());
  if (folder === undefined) return undefined;
  await using _folder = folder;
  const opened = await unlessMissing(folder.openWithStats(place.name));
  if (opened === undefined) return undefined;
  const { handle, stats } = opened;
  await using closing = new AsyncDisposableStack();
  closing.use(handle);
  // After the file was opened, so that the version it was committed as is there.
  await using history = await openHistory(place);
  const kept = await versionOf(handle, stats, history);
  if (kept === undefined && stats.nlink > 1n) throw foreignLink(place);
  const open = closing.move();
  return {
    handle,
    stats,
    sizeBytes: Number(stats.size),
    modified: modifiedOf(stats),
    version: kept?.version ?? history.next,
    isHandEdit: kept === undefined,
    contents: history.contents + (kept === undefined ? 1 : 0),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export async function openHistory(place: Place): Promise<History> {
  return History.open(await unlessMissing(place.enterVersions()));
}

/** SHA-256 of the current file; undefined when there is none. */
export async function digestOfCurrent(current: CurrentFile | undefined): Promise<string | undefined> {
  return current === undefined ? undefined : digestOf(current.handle);
}

async function versionOf(handle: FileHandle, stats: BigIntStats, history: History) {
  return (await history.linkedWith(stats)) ?? (await history.newestEqual(handle, stats));
}

/** Why a hard link that is no version of ours is not opened. */
export function foreignLink(place: Place): AppError {
  return new AppError("forbidden", `"${place.path}" is a hard link made by others; it is never opened`);
}
