import { LIMITS } from "../../../contract/limits.ts";
import { AppError } from "../../../contract/errors.ts";
import { sha256OfPieces } from "../../../disk/digest.ts";
import { isErrno } from "../../../disk/errno.ts";
import { AREAS } from "../../knowledge/area.ts";
import { LAYOUT, parseVersionName } from "../../storage/layout.ts";
import { knowledgeFolders } from "../read/knowledge-folders.ts";
import { fileItem, openedFile, unlessGone, type Opened } from "../read/opened.ts";
import { isDeletion, versionNames, type VersionedFile } from "../read/versioned-file.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";
import { finding, type Finding, type Look } from "./finding.ts";

/** One look for each versioned file of a workspace. */
export function* knowledgeLooks(workspace: Workspace): Generator<Look> {
  for (const area of AREAS)
    for (const { current, versions, children } of knowledgeFolders(workspace, area))
      for (const name of children)
        yield () => fileFindings(workspace, { current: [...current, name], versions: [...versions, name] });
  const overview = { current: [LAYOUT.overview], versions: [LAYOUT.versions, LAYOUT.versionedOverview] };
  yield () => fileFindings(workspace, overview);
}

/** What one file was read as; its bytes are not kept. */
interface Read {
  path: string;
  inode: bigint;
  sizeBytes: number;
  modifiedMs: number;
  sha256: string;
}

function fileFindings(workspace: Workspace, file: VersionedFile): Finding[] {
  const names = versionNames(workspace, file);
  const newest = names.at(-1);
  const found = gapFindings(pathIn(workspace, file.versions), names);
  const read = new Map<string, Read>();
  for (const name of names) {
    const version = reading(workspace, file.versions, name);
    if (version === "unreadable")
      found.push(
        finding("version.damaged", pathIn(workspace, [...file.versions, name]), "it cannot be read"),
      );
    else if (version !== undefined) read.set(name, version);
    if (isEmptyContent(name, version))
      found.push(
        finding(
          "version.empty",
          pathIn(workspace, [...file.versions, name]),
          "it holds nothing: written so, or cut off; --against BACKUP tells which",
        ),
      );
  }
  const current = reading(workspace, file.current.slice(0, -1), file.current.at(-1) ?? "");
  const path = pathIn(workspace, file.current);
  if (current === "unreadable") return [...found, finding("file.unreadable", path, "it cannot be read")];
  return [...found, ...currentFindings(path, { current, newest, version: read.get(newest ?? "") })];
}

/** A file without content can be written; a crash of a disk leaves one too. */
function isEmptyContent(name: string, version: Read | "unreadable" | undefined): boolean {
  const isRead = version !== undefined && version !== "unreadable";
  return isRead && version.sizeBytes === 0 && !isDeletion(name);
}

/** The current file is the newest version, unless somebody changed it by hand: then it has another time, or another size. */
function currentFindings(
  path: string,
  seen: { current: Read | undefined; newest: string | undefined; version: Read | undefined },
): Finding[] {
  const { current, newest, version } = seen;
  if (newest === undefined) return [];
  const isDeleted = isDeletion(newest);
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
  const modifiedMs = modified.getTime();
  return { path, inode: file.stats.ino, sizeBytes, modifiedMs, sha256: sha256OfPieces(pieces()) };
}
