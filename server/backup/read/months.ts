import { LAYOUT } from "../../storage/layout.ts";
import { entriesOf } from "./files-below.ts";
import { enterIn, type Workspace } from "./workspace.ts";

/** Year and month of a folder of sessions. */
export type MonthNames = readonly [string, string];

/** The folders of months that a workspace's sessions lie in, oldest first. */
export function monthsOf(workspace: Workspace): MonthNames[] {
  const years = foldersIn(workspace, [LAYOUT.sessions], /^\d{4}$/);
  return years.flatMap((year) =>
    foldersIn(workspace, [LAYOUT.sessions, year], /^\d{2}$/).map((month) => [year, month] as const),
  );
}

function foldersIn(workspace: Workspace, names: readonly string[], name: RegExp): string[] {
  using folder = enterIn(workspace, names);
  const entries = folder === undefined ? [] : entriesOf(folder);
  return entries.filter((entry) => entry.isDirectory() && name.test(entry.name)).map((entry) => entry.name);
}
