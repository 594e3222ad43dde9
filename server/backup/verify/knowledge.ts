import { createHash } from "node:crypto";
import { LIMITS } from "../../../contract/limits.ts";
import { AppError } from "../../../contract/errors.ts";
import { isErrno } from "../../../disk/errno.ts";
import { LAYOUT, parseVersionName } from "../../storage/layout.ts";
import { entriesOf } from "../order/files-below.ts";
import { knowledgeFolders } from "../order/knowledge-folders.ts";
import { fileItem, openedFile, unlessGone, type Opened } from "../order/opened.ts";
import { enterIn, pathIn, type Workspace } from "../order/workspace.ts";
import { finding, type Finding, type Look } from "./finding.ts";

interface Spot {
  current: readonly string[];
  versions: readonly string[];
}

/** One look for each versioned file of a workspace. */
export function* knowledgeLooks(workspace: Workspace): Generator<Look> {
  for (const { current, versions, children } of knowledgeFolders(workspace))
    for (const name of children)
      yield () => spotFindings(workspace, { current: [...current, name], versions: [...versions, name] });
  const overview = { current: [LAYOUT.overview], versions: [LAYOUT.versions, LAYOUT.versionedOverview] };
  yield () => spotFindings(workspace, overview);
}

/** What one file was read as; its bytes are not kept. */
interface Read {
  path: string;
  inode: bigint;
  sizeBytes: number;
  modifiedMs: number;
  sha256: string;
}

function spotFindings(workspace: Workspace, spot: Spot): Finding[] {
  const names = versionNames(workspace, spot);
  const newest = names.at(-1);
  const found = gapFindings(pathIn(workspace, spot.versions), names);
  const read = new Map<string, Read>();
  for (const name of names) {
    const version = reading(workspace, spot.versions, name);
    if (version === "unreadable")
      found.push(
        finding("version.damaged", pathIn(workspace, [...spot.versions, name]), "it cannot be read"),
      );
    else if (version !== undefined) read.set(name, version);
    if (isEmptyContent(name, version))
      found.push(
        finding(
          "version.empty",
          pathIn(workspace, [...spot.versions, name]),
          "it holds nothing: written so, or cut off; --against BACKUP tells which",
        ),
      );
  }
  const current = reading(workspace, spot.current.slice(0, -1), spot.current.at(-1) ?? "");
  const path = pathIn(workspace, spot.current);
  if (current === "unreadable") return [...found, finding("file.unreadable", path, "it cannot be read")];
  return [...found, ...currentFindings(path, { current, newest, version: read.get(newest ?? "") })];
}

/** A file without content can be written; a crash of a disk leaves one too. */
function isEmptyContent(name: string, version: Read | "unreadable" | undefined): boolean {
  const isRead = version !== undefined && version !== "unreadable";
  return isRead && version.sizeBytes === 0 && parseVersionName(name)?.deleted !== true;
}

/** The current file is the newest version, unless somebody changed it by hand: then it has another time, or another size. */
function currentFindings(
  path: string,
  seen: { current: Read | undefined; newest: string | undefined; version: Read | undefined },
): Finding[] {
  const { current, newest, version } = seen;
  if (newest === undefined) return [];
  const isDeleted = parseVersionName(newest)?.deleted === true;
  if (current === undefined)
    return isDeleted
      ? []
      : [finding("current.edited", path, "it was removed by hand; its versions are there")];
  if (isDeleted || version === undefined)
    return [finding("current.edited", path, "it was put there by hand after it was deleted")];
  if (current.sha256 === version.sha256) return [];
  const isSameEdit = current.sizeBytes === version.sizeBytes && current.modifiedMs === version.modifiedMs;
  return isSameEdit
    ? [finding("current.differs", path, "it has size and time of its newest version, but other bytes")]
    : [finding("current.edited", path, "it was edited by hand; the next write keeps the edit as a version")];
}

/** Numbers that are missing though retention drops none of so many: each write adds the next one. */
function gapFindings(path: string, names: readonly string[]): Finding[] {
  const all = names.map((name) => parseVersionName(name)?.version ?? 0);
  const numbers = [...new Set(all)].slice(-LIMITS.versions.newest);
  const first = numbers[0];
  if (first === undefined) return [];
  const isWhole = all.length >= LIMITS.versions.newest || first === 1;
  const isRow = numbers.every((number, index) => number === first + index);
  return isWhole && isRow
    ? []
    : [finding("version.missing", path, "versions are missing that retention keeps")];
}

/** Oldest first; of one number the mark of a deletion last. */
function versionNames(workspace: Workspace, { versions }: Spot): string[] {
  using folder = enterIn(workspace, versions);
  const entries = folder === undefined ? [] : entriesOf(folder).filter((entry) => entry.isFile());
  const numbered = entries.flatMap(({ name }) => {
    const parsed = parseVersionName(name);
    return parsed === undefined ? [] : [{ name, ...parsed }];
  });
  numbered.sort((a, b) => a.version - b.version || Number(a.deleted) - Number(b.deleted));
  return numbered.map(({ name }) => name);
}

/** Undefined for a file that is not there, or no file. */
function reading(
  workspace: Workspace,
  names: readonly string[],
  name: string,
): Read | "unreadable" | undefined {
  try {
    using folder = enterIn(workspace, names);
    using file = folder && unlessGone(() => openedFile(folder, name));
    return file && readingOf(pathIn(workspace, [...names, name]), file);
  } catch (error) {
    const isDamage = error instanceof AppError && error.code === "damaged";
    if (isDamage || isErrno(error, "EACCES", "EPERM")) return "unreadable";
    // A link or a folder of that name, which is noted elsewhere; or a file that is being written.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function readingOf(path: string, file: Opened): Read {
  const { sizeBytes, modified, pieces } = fileItem(path, file);
  const hash = createHash("sha256");
  for (const piece of pieces()) hash.update(piece);
  return {
    path,
    inode: file.stats.ino,
    sizeBytes,
    modifiedMs: modified.getTime(),
    sha256: hash.digest("hex"),
  };
}
