import type { BigIntStats } from "node:fs";
import { lstat, rename, unlink } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { FolderSync } from "../../disk/folder-sync.ts";
import { LAYOUT } from "../storage/layout.ts";
import { visitFolders } from "../storage/visit-folders.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { AREAS, areaOf, segmentsOf, type Area } from "./area.ts";
import { openCurrent, openHistory } from "./current-file.ts";
import type { KeptVersion } from "./history.ts";
import { Place } from "./place.ts";
import { isCanonical } from "./walk.ts";

/** A temporary file that an interrupted write or deletion left. */
interface Leftover {
  name: string;
  stats: BigIntStats;
}

/**
 * Finishes or undoes what a crash interrupted in one workspace. A leftover that is the same file as the newest
 * version of something was committed: its write, or its deletion, is completed. Any other was not, and goes. Only
 * folders are looked through, not files, and versions only where a leftover was found.
 */
export async function recoverWorkspace(root: string, workspaceId: string): Promise<void> {
  try {
    const workspace = await unlessMissing(enterWorkspace(root, workspaceId));
    if (workspace === undefined) return;
    await using _workspace = workspace;
    await recoverFolder(workspace, await workspace.names(), async () => [Place.overview(root, workspaceId)]);
    await recoverIntents(workspace);
    for (const area of AREAS) await recoverArea(root, workspaceId, area);
  } catch (error) {
    // A link or file where a folder should be: whoever opens it is told; the start is not stopped by it.
    if (!(error instanceof AppError && error.code === "forbidden")) throw error;
  }
}

/** An intent is one file, written as a whole: what is left of one that was not is no intent. */
async function recoverIntents(workspace: Folder): Promise<void> {
  const versions = await unlessMissing(workspace.enter(LAYOUT.versions));
  if (versions === undefined) return;
  await using folder = versions;
  await recoverFolder(folder, await folder.names(), async () => []);
}

async function recoverArea(root: string, workspaceId: string, area: Area): Promise<void> {
  for (const above of (await unlessMissing(foldersToRecover(root, workspaceId, area))) ?? []) {
    await using folder = await enterWorkspace(root, workspaceId, area.current, ...segmentsOf(above));
    await recoverFolder(folder, await folder.names(), () => placesIn(root, workspaceId, above));
  }
}

/**
 * Folders of an area that hold leftovers, by their document paths: that of the area is its prefix, others end with `/`.
 * Found without promises: the start waits until all folders were looked at, and that takes half the time so.
 */
async function foldersToRecover(root: string, workspaceId: string, area: Area): Promise<string[]> {
  using top = FolderSync.enter(root, LAYOUT.workspaces, workspaceId, area.current);
  return visitFolders(top, { isOurs: isCanonical }, area.prefix)
    .filter(({ entries }) => entries.some(({ name }) => isTempName(name)))
    .map(({ above }) => above)
    .toArray();
}

async function recoverFolder(
  folder: Folder,
  names: readonly string[],
  places: () => Promise<Place[]>,
): Promise<void> {
  const leftovers = await leftoversOf(folder, names);
  if (leftovers.length === 0) return;
  const committed = leftovers.filter(({ stats }) => stats.nlink > 1n);
  if (committed.length > 0) for (const place of await places()) await finishPlace(folder, place, committed);
  for (const { name } of leftovers) await unlessMissing(unlink(folder.at(name)));
  await folder.sync();
}

async function leftoversOf(folder: Folder, names: readonly string[]): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const name of names.filter(isTempName)) {
    const stats = await unlessMissing(lstat(folder.at(name), { bigint: true }));
    if (stats !== undefined) leftovers.push({ name, stats });
  }
  return leftovers;
}

async function finishPlace(folder: Folder, place: Place, committed: readonly Leftover[]): Promise<void> {
  await using history = await openHistory(place);
  const { newest } = history;
  if (newest === undefined) return;
  for (const { name, stats } of committed) {
    const linked = await history.linkedWith(stats);
    if (linked?.name !== newest.name || (await isTakenByHand(place))) continue;
    await finish(folder, place, { leftover: name, newest });
  }
  await history.sync();
}

/** What somebody put in the place between the crash and now is theirs; what was committed stays a version. */
async function isTakenByHand(place: Place): Promise<boolean> {
  try {
    await using current = await openCurrent(place);
    return current?.isHandEdit === true;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

async function finish(
  folder: Folder,
  place: Place,
  { leftover, newest }: { leftover: string; newest: KeptVersion },
): Promise<void> {
  if (newest.deleted) await unlessMissing(unlink(folder.at(place.name)));
  else await rename(folder.at(leftover), folder.at(place.name));
}

/** Places of a folder of documents that have versions. */
async function placesIn(root: string, workspaceId: string, above: string): Promise<Place[]> {
  const versions = await unlessMissing(
    enterWorkspace(root, workspaceId, ...areaOf(above).versions, ...segmentsOf(above)),
  );
  if (versions === undefined) return [];
  await using _versions = versions;
  return (await versions.entries())
    .filter((entry) => entry.isDirectory() && isCanonical(`${above}${entry.name}`))
    .map(({ name }) => Place.of(root, workspaceId, `${above}${name}`));
}
