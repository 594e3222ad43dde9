import { lstatSync } from "node:fs";
import { LIMITS } from "../../../contract/limits.ts";
import { isTempName } from "../../../disk/atomic-file.ts";
import { parseVersionName } from "../../storage/layout.ts";
import type { Item } from "../item.ts";
import { entriesOf } from "../read/files-below.ts";
import { fileItem, openedFile, unlessForeign, type Opened } from "../read/opened.ts";
import { isDeletion, oldestFirst, versionNames, type VersionedFile } from "../read/versioned-file.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";

/** A version that is in the backup. */
interface Copied {
  inode: bigint;
  path: string;
}

/** By their names. */
export type CopiedVersions = Map<string, Copied>;

/**
 * A versioned file while others may write it: its versions, then the file itself as the newest of them. Writers add the
 * version first, then put the file in its place. So where the two do not fit, either a write is under way, and is as good as
 * done, or somebody changed the file by hand, and then it is copied as it is. What is in `copied` is in the backup, and what
 * comes is added. Gives whether there is a current file.
 */
export function* place(
  workspace: Workspace,
  file: VersionedFile,
  copied: CopiedVersions = new Map(),
): Generator<Item, boolean> {
  for (let round = 1; ; round += 1) {
    yield* versionItems(workspace, file, copied);
    const newest = oldestFirst(copied.keys()).at(-1);
    using current = openCurrent(workspace, file);
    const fits = current?.stats.ino === expected(newest, copied);
    const path = pathIn(workspace, file.current);
    if (!fits && isByHand(workspace, file, { newest, copied, current }))
      return yield* byHand(path, current, copied);
    if (fits || round === LIMITS.backup.fileRounds) return yield* asNewest(path, newest, copied);
  }
}

/** Versions that are not in the backup yet. One that is gone was dropped by retention, or its write failed. */
export function* versionItems(
  workspace: Workspace,
  file: VersionedFile,
  copied: CopiedVersions,
): Generator<Item> {
  using folder = enterIn(workspace, file.versions);
  if (folder === undefined) return;
  for (const { name } of entriesOf(folder)) {
    if (parseVersionName(name) === undefined || copied.has(name)) continue;
    using opened = unlessForeign(() => openedFile(folder, name));
    if (opened === undefined) continue;
    const path = pathIn(workspace, [...file.versions, name]);
    copied.set(name, { inode: opened.stats.ino, path });
    yield fileItem(path, opened);
  }
}

/** The current file as the newest version: none when that is the mark of a deletion. */
function* asNewest(
  path: string,
  newest: string | undefined,
  copied: ReadonlyMap<string, Copied>,
): Generator<Item, boolean> {
  const version = copied.get(newest ?? "");
  if (version === undefined || isDeletion(newest)) return false;
  yield { kind: "link", path, to: version.path };
  return true;
}

/** The current file as it is, if there is one. */
function* byHand(
  path: string,
  current: Opened | undefined,
  copied: ReadonlyMap<string, Copied>,
): Generator<Item, boolean> {
  if (current === undefined) return false;
  const same = [...copied].find(([name, { inode }]) => inode === current.stats.ino && !isDeletion(name));
  yield same === undefined ? fileItem(path, current) : { kind: "link", path, to: same[1].path };
  return true;
}

/** False while a write is under way: a version came meanwhile, or one still has a second name beside the current file. */
function isByHand(
  workspace: Workspace,
  file: VersionedFile,
  seen: {
    newest: string | undefined;
    copied: ReadonlyMap<string, Copied>;
    current: Opened | undefined;
  },
): boolean {
  // In this order: what is put in its place between the two is seen as another current file.
  if (isUnderWay(workspace, file, seen.copied.get(seen.newest ?? "")?.inode)) return false;
  using current = openCurrent(workspace, file);
  return (
    current?.stats.ino === seen.current?.stats.ino && versionNames(workspace, file).at(-1) === seen.newest
  );
}

function isUnderWay(workspace: Workspace, file: VersionedFile, inode: bigint | undefined): boolean {
  using folder = enterIn(workspace, file.current.slice(0, -1));
  if (folder === undefined || inode === undefined) return false;
  const leftovers = folder.names().filter(isTempName);
  return leftovers.some(
    (name) => lstatSync(folder.at(name), { bigint: true, throwIfNoEntry: false })?.ino === inode,
  );
}

/** Undefined when there is none, or none that is ours to open. */
function openCurrent(workspace: Workspace, { current }: VersionedFile): Opened | undefined {
  using folder = enterIn(workspace, current.slice(0, -1));
  return folder && unlessForeign(() => openedFile(folder, current.at(-1) ?? ""));
}

/** The inode that the current file has when nobody is writing; undefined when there is no file then. */
function expected(newest: string | undefined, copied: ReadonlyMap<string, Copied>): bigint | undefined {
  return isDeletion(newest) ? undefined : copied.get(newest ?? "")?.inode;
}
