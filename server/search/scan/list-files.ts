import { lstatSync } from "node:fs";
import { wordsOf } from "../../../contract/memory-prefix.ts";
import { AppError } from "../../../contract/errors.ts";
import { isErrno, unlessMissing } from "../../../disk/errno.ts";
import type { Folder } from "../../../disk/folder.ts";
import { AREAS } from "../../knowledge/area.ts";
import { mostBytes, placeOf } from "../../knowledge/stored-text.ts";
import { knowledgeFolders } from "../../knowledge/walk.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { enterWorkspace } from "../../storage/workspace-folder.ts";
import { findWords, isFound } from "../words/find-words.ts";
import { END, type ListedFile, type ListedFolder, type Part, type Scan, type Source } from "./job.ts";
import { pathFits } from "../query/file-filter.ts";
import { inWindow } from "../query/filter.ts";
import type { Word } from "../words/words.ts";

type WorkspaceSource = Extract<Source, { kind: "workspace" }>;

/**
 * Names the overview and the documents of a workspace, or only those asked for, without opening them.
 * Whether their names are of ours is left to who needs one of them: that takes longer than all the rest. Throws ENOENT,
 * `forbidden`.
 */
export async function* listFiles(
  scan: Scan,
  words: readonly Word[],
  { workspaceId, only }: WorkspaceSource,
  sourceNumber: number,
): AsyncGenerator<Part> {
  const isNamed = (path: string) => words.length > 0 && isFound(findWords(wordsOf(path), words));
  if (only === undefined) yield* listAll(scan, isNamed, workspaceId, sourceNumber);
  else yield { type: "files", sourceNumber, files: only.flatMap((path) => listOne(scan, workspaceId, path)) };
  if (!scan.stopped()) yield { type: "reached", sourceNumber, line: END };
}

async function* listAll(
  scan: Scan,
  isNamed: (path: string) => boolean,
  workspaceId: string,
  sourceNumber: number,
): AsyncGenerator<Part> {
  await using workspace = await enterWorkspace(scan.root, workspaceId);
  const overview = { path: undefined, isNamed: false };
  yield { type: "files", sourceNumber, files: listed(scan, workspace, LAYOUT.overview, overview) };
  for (const area of AREAS) {
    const folder = await unlessMissing(workspace.enter(area.current));
    if (folder === undefined) continue;
    await using top = folder;
    for await (const visited of knowledgeFolders(top, area.prefix)) {
      if (scan.stopped()) return;
      const files = visited.entries.flatMap((entry) => {
        if (!entry.isFile()) return [];
        const path = `${visited.above}${entry.name}`;
        return listed(scan, visited.folder, entry.name, { path, isNamed: isNamed(path) });
      });
      const { alone = [], plain = [] } = Object.groupBy(files, (file) => (isPlain(file) ? "plain" : "alone"));
      if (alone.length > 0) yield { type: "files", sourceNumber, files: alone };
      if (plain.length > 0) yield { type: "folder", sourceNumber, folder: inLists(plain, visited.above) };
    }
  }
}

/** Whether there is nothing to say of it: of most files that are listed nobody asks for more. */
function isPlain({ isNamed, path, sizeBytes }: ListedFile): boolean {
  return !isNamed && sizeBytes <= mostBytes(path);
}

function inLists(files: readonly ListedFile[], above: string): ListedFolder {
  return {
    above,
    names: files.map(({ path = "" }) => path.slice(above.length)).join("/"),
    timesMs: files.map(({ timeMs }) => timeMs),
    sizesBytes: files.map(({ sizeBytes }) => sizeBytes),
  };
}

/** A file that may be gone, or hidden behind a link. */
function listOne(scan: Scan, workspaceId: string, path: string | undefined): ListedFile[] {
  const place = placeOf(scan.root, workspaceId, path);
  try {
    using folder = place.enterFolderSync();
    return listed(scan, folder, place.name, { path, isNamed: false });
  } catch (error) {
    if (error instanceof AppError || isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

/** The file, unless it is something else, is not among those asked for, or was not modified in the time asked for. */
function listed(
  { filter }: Scan,
  folder: Pick<Folder, "at">,
  name: string,
  known: Pick<ListedFile, "path" | "isNamed">,
): ListedFile[] {
  if (filter.files !== undefined && !pathFits(known.path ?? LAYOUT.overview, filter.files)) return [];
  const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return [];
  const timeMs = Math.floor(stats.mtimeMs);
  return inWindow(timeMs, filter) ? [{ ...known, timeMs, sizeBytes: stats.size }] : [];
}
