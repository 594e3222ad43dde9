import type { Dirent } from "node:fs";
import type { Area } from "../../knowledge/area.ts";
import { entriesOf, isUnspellable } from "./files-below.ts";
import { enterIn, type Workspace } from "./workspace.ts";

/** A folder of an area, which may be there, among the versions, or both; paths are below the workspace. */
export interface KnowledgeFolder {
  /** Where current files lie, and what is there; undefined without such a folder. */
  current: readonly string[];
  present: Dirent[] | undefined;
  /** The same for the folders of versions. */
  versions: readonly string[];
  kept: Dirent[] | undefined;
  /** Names below which versioned files or further folders may lie. */
  children: string[];
  isTop: boolean;
}

/** All folders of an area of a workspace, parents first. */
export function* knowledgeFolders(
  workspace: Workspace,
  area: Area,
  names: readonly string[] = [],
): Generator<KnowledgeFolder> {
  const current = [area.current, ...names];
  const versions = [...area.versions, ...names];
  const present = entriesAt(workspace, current);
  const kept = entriesAt(workspace, versions);
  const children = childrenOf(
    spellable(workspace, current, present ?? []),
    spellable(workspace, versions, kept ?? []),
  );
  yield { current, present, versions, kept, children, isTop: names.length === 0 };
  for (const name of children) yield* knowledgeFolders(workspace, area, [...names, name]);
}

/** Undefined when there is no such folder. */
function entriesAt(workspace: Workspace, names: readonly string[]): Dirent[] | undefined {
  using folder = enterIn(workspace, names);
  return folder && entriesOf(folder);
}

function spellable(workspace: Workspace, names: readonly string[], entries: Dirent[]): Dirent[] {
  using folder = enterIn(workspace, names);
  return folder === undefined ? [] : entries.filter(({ name }) => !isUnspellable(folder, name));
}

function childrenOf(present: readonly Dirent[], kept: readonly Dirent[]): string[] {
  const ours = [
    ...present.filter((entry) => entry.isDirectory() || entry.isFile()),
    ...kept.filter((entry) => entry.isDirectory()),
  ];
  return [...new Set(ours.map(({ name }) => name))].sort();
}
