import { lstatSync } from "node:fs";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { knowledgeFolders } from "../knowledge/walk.ts";
import { LAYOUT } from "../storage/layout.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { findWords, isFound } from "./find-words.ts";
import { END, type ListedFile, type Part, type Scan, type Source } from "./job.ts";
import { fold } from "../index/fold.ts";
import { inWindow } from "./query.ts";
import type { Word } from "./words.ts";

type WorkspaceSource = Extract<Source, { kind: "workspace" }>;

/**
 * Names the overview and the files in the knowledge folder of a workspace, without opening them. Whether their names are
 * of ours is left to who needs one of them: that takes longer than all the rest. Throws ENOENT, `forbidden`.
 */
export async function* listFiles(
  scan: Scan,
  words: readonly Word[],
  { workspaceId }: WorkspaceSource,
  source: number,
): AsyncGenerator<Part> {
  await using workspace = await enterWorkspace(scan.root, workspaceId);
  const overview = { path: undefined, isNamed: false };
  yield { type: "files", source, files: listed(scan, workspace, LAYOUT.overview, overview) };
  const folder = await unlessMissing(workspace.enter(LAYOUT.knowledge));
  if (folder !== undefined) {
    await using knowledge = folder;
    for await (const visited of knowledgeFolders(knowledge)) {
      if (scan.stopped()) return;
      const files = visited.entries.flatMap((entry) => {
        if (!entry.isFile()) return [];
        const path = `${visited.above}${entry.name}`;
        const isNamed = words.length > 0 && isFound(findWords(nameOf(path), words));
        return listed(scan, visited.folder, entry.name, { path, isNamed });
      });
      if (files.length > 0) yield { type: "files", source, files };
    }
  }
  yield { type: "reached", source, line: END };
}

/** The file, unless it is something else or was not modified in the time asked for. */
function listed(
  { filter }: Scan,
  folder: Folder,
  name: string,
  known: Pick<ListedFile, "path" | "isNamed">,
): ListedFile[] {
  const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return [];
  const timeMs = Math.floor(stats.mtimeMs);
  return inWindow(timeMs, filter) ? [{ ...known, timeMs, sizeBytes: stats.size }] : [];
}

/** What a path says, folded: every knowledge file may end with `.md`. */
export function nameOf(path: string): string {
  return fold(path).replace(/\.md$/, "");
}
