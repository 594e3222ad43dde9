import type { Dirent } from "node:fs";
import { AREAS, MEMORY } from "../../knowledge/area.ts";
import { LAYOUT, parseVersionName } from "../../storage/layout.ts";
import type { Item } from "../item.ts";
import { anyFile, isUnspellable } from "../read/files-below.ts";
import { knowledgeFolders, type KnowledgeFolder } from "../read/knowledge-folders.ts";
import type { GivenMemories } from "./memories-again.ts";
import { place } from "./place.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";

/** All documents of a workspace with their versions, and the overview with its own. */
export function* places(workspace: Workspace, given: GivenMemories): Generator<Item> {
  for (const area of AREAS)
    for (const folder of knowledgeFolders(workspace, area)) {
      const present = given.isFile(folder.current) ? undefined : folder.present;
      yield* folderItems(workspace, { ...folder, present });
      if (area === MEMORY && present !== undefined) given.addFolder(folder.current);
      yield* filesOf(workspace, folder, area === MEMORY ? given : undefined);
    }
  yield* place(workspace, {
    current: [LAYOUT.overview],
    versions: [LAYOUT.versions, LAYOUT.versionedOverview],
  });
}

/** A folder, and what in it and among its versions is of no place. */
function* folderItems(
  workspace: Workspace,
  { current, present, versions, kept, children, isTop }: KnowledgeFolder,
): Generator<Item> {
  if (present !== undefined) yield { kind: "folder", path: pathIn(workspace, current) };
  const isVersion = (entry: Dirent) => !isTop && entry.isFile() && parseVersionName(entry.name) !== undefined;
  yield* others(
    workspace,
    versions,
    (kept ?? []).filter((entry) => !isVersion(entry)),
  );
  yield* others(
    workspace,
    current,
    (present ?? []).filter((entry) => !entry.isFile() || !children.includes(entry.name)),
  );
}

function* filesOf(
  workspace: Workspace,
  { current, versions, children }: KnowledgeFolder,
  given: GivenMemories | undefined,
): Generator<Item> {
  for (const name of children) {
    const file = { current: [...current, name], versions: [...versions, name] };
    yield* given === undefined ? place(workspace, file) : given.give(workspace, file);
  }
}

/** What no place accounts for: files by people among the versions, links and devices anywhere. */
function* others(
  workspace: Workspace,
  names: readonly string[],
  entries: readonly Dirent[],
): Generator<Item> {
  using folder = enterIn(workspace, names);
  if (folder === undefined) return;
  for (const entry of entries)
    if (!entry.isDirectory() || isUnspellable(folder, entry.name))
      yield* anyFile(folder, entry, pathIn(workspace, [...names, entry.name]));
}
