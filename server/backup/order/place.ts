import { lstatSync } from "node:fs";
import { LIMITS } from "../../../contract/limits.ts";
import { isTempName } from "../../../disk/atomic-file.ts";
import { parseVersionName } from "../../storage/layout.ts";
import type { Item } from "../item.ts";
import { entriesOf } from "./files-below.ts";
import { fileItem, openedFile, unlessForeign, type Opened } from "./opened.ts";
import { enterIn, pathIn, type Workspace } from "./workspace.ts";

/** Where a versioned file and its versions lie, below the workspace. */
interface Spot {
  current: readonly string[];
  versions: readonly string[];
}

/** A version that is in the backup. */
interface Copied {
  inode: bigint;
  path: string;
}

/**
 * A versioned file while others may write it: its versions, then the file itself as the newest of them. Writers add the
 * version first, then put the file in its place. So where the two do not fit, either a write is under way, and is as good as
 * done, or somebody changed the file by hand, and then it is copied as it is.
 */
export function* place(workspace: Workspace, spot: Spot): Generator<Item> {
  const copied = new Map<string, Copied>();
  for (let round = 1; ; round += 1) {
    yield* versions(workspace, spot, copied);
    const newest = newestOf(copied.keys());
    using current = openCurrent(workspace, spot);
    const fits = current?.stats.ino === expected(newest, copied);
    const path = pathIn(workspace, spot.current);
    if (!fits && isByHand(workspace, spot, { newest, copied, current }))
      return yield* byHand(path, current, copied);
    if (fits || round === LIMITS.backup.fileRounds) return yield* asNewest(path, newest, copied);
  }
}

/** Versions that are not in the backup yet. One that is gone was dropped by retention, or its write failed. */
function* versions(workspace: Workspace, spot: Spot, copied: Map<string, Copied>): Generator<Item> {
  using folder = enterIn(workspace, spot.versions);
  if (folder === undefined) return;
  for (const { name } of entriesOf(folder)) {
    if (parseVersionName(name) === undefined || copied.has(name)) continue;
    using file = unlessForeign(() => openedFile(folder, name));
    if (file === undefined) continue;
    const path = pathIn(workspace, [...spot.versions, name]);
    copied.set(name, { inode: file.stats.ino, path });
    yield fileItem(path, file);
  }
}

/** The current file as the newest version: none when that is the mark of a deletion. */
function* asNewest(
  path: string,
  newest: string | undefined,
  copied: ReadonlyMap<string, Copied>,
): Generator<Item> {
  const version = copied.get(newest ?? "");
  if (version === undefined || isMark(newest)) return;
  yield { kind: "link", path, to: version.path };
}

/** The current file as it is, if there is one. */
function* byHand(
  path: string,
  current: Opened | undefined,
  copied: ReadonlyMap<string, Copied>,
): Generator<Item> {
  if (current === undefined) return;
  const same = [...copied].find(([name, { inode }]) => inode === current.stats.ino && !isMark(name));
  yield same === undefined ? fileItem(path, current) : { kind: "link", path, to: same[1].path };
}

/** False while a write is under way: a version came meanwhile, or one still has a second name beside the current file. */
function isByHand(
  workspace: Workspace,
  spot: Spot,
  seen: {
    newest: string | undefined;
    copied: ReadonlyMap<string, Copied>;
    current: Opened | undefined;
  },
): boolean {
  // In this order: what is put in its place between the two is seen as another current file.
  if (isUnderWay(workspace, spot, seen.copied.get(seen.newest ?? "")?.inode)) return false;
  using current = openCurrent(workspace, spot);
  return current?.stats.ino === seen.current?.stats.ino && newestOf(listed(workspace, spot)) === seen.newest;
}

function isUnderWay(workspace: Workspace, spot: Spot, inode: bigint | undefined): boolean {
  using folder = enterIn(workspace, spot.current.slice(0, -1));
  if (folder === undefined || inode === undefined) return false;
  const leftovers = folder.names().filter(isTempName);
  return leftovers.some(
    (name) => lstatSync(folder.at(name), { bigint: true, throwIfNoEntry: false })?.ino === inode,
  );
}

/** Undefined when there is none, or none that is ours to open. */
function openCurrent(workspace: Workspace, { current }: Spot): Opened | undefined {
  using folder = enterIn(workspace, current.slice(0, -1));
  return folder && unlessForeign(() => openedFile(folder, current.at(-1) ?? ""));
}

function listed(workspace: Workspace, spot: Spot): string[] {
  using folder = enterIn(workspace, spot.versions);
  const files = folder === undefined ? [] : entriesOf(folder).filter((entry) => entry.isFile());
  return files.map(({ name }) => name);
}

/** By number; of one number the mark of a deletion counts. */
function newestOf(names: Iterable<string>): string | undefined {
  const numbered = [...names].flatMap((name) => {
    const parsed = parseVersionName(name);
    return parsed === undefined ? [] : [{ name, ...parsed }];
  });
  numbered.sort((a, b) => a.version - b.version || Number(a.deleted) - Number(b.deleted));
  return numbered.at(-1)?.name;
}

/** The inode that the current file has when nobody is writing; undefined when there is no file then. */
function expected(newest: string | undefined, copied: ReadonlyMap<string, Copied>): bigint | undefined {
  return isMark(newest) ? undefined : copied.get(newest ?? "")?.inode;
}

function isMark(name: string | undefined): boolean {
  return name !== undefined && parseVersionName(name)?.deleted === true;
}
