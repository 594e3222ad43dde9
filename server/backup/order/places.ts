import type { Dirent } from "node:fs";
import { LAYOUT, parseVersionName } from "../../storage/layout.ts";
import type { Item } from "../item.ts";
import { anyFile, isUnspellable } from "../read/files-below.ts";
import { knowledgeFolders } from "../read/knowledge-folders.ts";
import { place } from "./place.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";

/** All knowledge of a workspace with its versions, and the overview with its own. */
export function* places(workspace: Workspace): Generator<Item> {
  for (const { current, present, versions, kept, children, isTop } of knowledgeFolders(workspace)) {
    if (present !== undefined) yield { kind: "folder", path: pathIn(workspace, current) };
    const isVersion = (entry: Dirent) =>
      !isTop && entry.isFile() && parseVersionName(entry.name) !== undefined;
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
    for (const name of children)
      yield* place(workspace, { current: [...current, name], versions: [...versions, name] });
  }
  yield* place(workspace, {
    current: [LAYOUT.overview],
    versions: [LAYOUT.versions, LAYOUT.versionedOverview],
  });
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
