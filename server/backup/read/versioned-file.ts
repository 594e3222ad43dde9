import { parseVersionName } from "../../storage/layout.ts";
import { entriesOf } from "./files-below.ts";
import { enterIn, type Workspace } from "./workspace.ts";

/** Where a versioned file and its versions lie: names below the workspace. */
export interface VersionedFile {
  current: readonly string[];
  versions: readonly string[];
}

/** Names of the versions that are there, oldest first. */
export function versionNames(workspace: Workspace, { versions }: VersionedFile): string[] {
  using folder = enterIn(workspace, versions);
  const files = folder === undefined ? [] : entriesOf(folder).filter((entry) => entry.isFile());
  return oldestFirst(files.map(({ name }) => name));
}

/** Those names that are a version's, by number; of one number the mark of a deletion comes last, for it counts. */
export function oldestFirst(names: Iterable<string>): string[] {
  const numbered = [...names].flatMap((name) => {
    const parsed = parseVersionName(name);
    return parsed === undefined ? [] : [{ name, ...parsed }];
  });
  numbered.sort((a, b) => a.version - b.version || Number(a.deleted) - Number(b.deleted));
  return numbered.map(({ name }) => name);
}

/** Whether a version is the mark of a deletion, and not a content. */
export function isDeletion(name: string | undefined): boolean {
  return name !== undefined && parseVersionName(name)?.deleted === true;
}
