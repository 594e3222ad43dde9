import type { Dirent } from "node:fs";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { AREAS } from "../../knowledge/area.ts";
import { LAYOUT } from "../../storage/layout.ts";
import type { Item } from "../item.ts";
import { anyFile, entriesOf, filesBelow, isUnspellable } from "../read/files-below.ts";
import { fileItem, openedFile, unlessForeign } from "../read/opened.ts";
import { GivenMemories, memoriesAgain } from "./memories-again.ts";
import { places } from "./places.ts";
import { sessions } from "./sessions.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";

/** Derived, of one run of the server, or nobody's to open: SQLite's lock ends when any descriptor of its file is closed. */
const LEFT_OUT = new RegExp(
  `^${LAYOUT.meta}/(${LAYOUT.index}|${LAYOUT.localAdmin}|${LAYOUT.lock}(-\\w+)?)$`.replaceAll(".", "\\."),
);

const TOP = { files: [], folders: [LAYOUT.meta, LAYOUT.workspaces] };

/**
 * A whole MEMORY_ROOT, file by file, in an order in which a copy is right though a server writes meanwhile: whatever was
 * acknowledged before the first item is in it, and nothing is in it without what it depends on. First each workspace, its
 * identity last; then the global pages; then `_meta`. Nothing is written, and no lock is taken.
 */
export async function* storeItems(root: string): AsyncGenerator<Item> {
  const done = new Set<string>();
  yield* workspaces(root, done);
  using top = FolderSync.enter(root);
  yield* filesBelow(top, "", (path, entry) => !isOrdered(TOP, { path, entry }));
  using meta = unlessForeign(() => top.enter(LAYOUT.meta));
  if (meta === undefined) return;
  // Opened before the workspaces are looked for again: it names none that is not in the backup.
  using registry = unlessForeign(() => openedFile(meta, LAYOUT.registry));
  yield* workspaces(root, done);
  const path = `${LAYOUT.meta}/${LAYOUT.registry}`;
  yield* filesBelow(meta, `${LAYOUT.meta}/`, (name, entry) => {
    return !(name === path && entry.isFile()) && !LEFT_OUT.test(name);
  });
  if (registry !== undefined) yield fileItem(path, registry);
}

/** Those that are not `done` yet. */
async function* workspaces(root: string, done: Set<string>): AsyncGenerator<Item> {
  using folder = unlessForeign(() => FolderSync.enter(root, LAYOUT.workspaces));
  if (folder === undefined) return;
  yield { kind: "folder", path: LAYOUT.workspaces };
  for (const entry of entriesOf(folder)) {
    if (done.has(entry.name)) continue;
    done.add(entry.name);
    if (entry.isDirectory() && !isUnspellable(folder, entry.name)) yield* workspace({ root, id: entry.name });
    else yield* anyFile(folder, entry, `${LAYOUT.workspaces}/${entry.name}`);
  }
}

async function* workspace(at: Workspace): AsyncGenerator<Item> {
  yield { kind: "folder", path: pathIn(at, []) };
  const given = new GivenMemories();
  yield* places(at, given);
  yield* sessions(at);
  yield* memoriesAgain(at, given);
  using folder = enterIn(at, []);
  if (folder === undefined) return;
  yield* filesBelow(folder, pathIn(at, [""]), others(at));
  const path = pathIn(at, [LAYOUT.identity]);
  using identity = unlessForeign(() => openedFile(folder, LAYOUT.identity));
  if (identity !== undefined) yield fileItem(path, identity);
}

/** Whether a path is none of those that have an order of their own. A link in the place of one has none. */
function others(at: Workspace): (path: string, entry: Dirent) => boolean {
  const ordered = {
    // What the intent says is in the backup as it was done so far: restored, it would be done over what came since.
    files: [[LAYOUT.identity], [LAYOUT.overview], [LAYOUT.versions, LAYOUT.memoriesIntent]].map((names) =>
      pathIn(at, names),
    ),
    folders: [
      ...AREAS.flatMap(({ current, versions }) => [[current], versions]),
      [LAYOUT.sessions],
      [LAYOUT.versions, LAYOUT.versionedOverview],
    ].map((names) => pathIn(at, names)),
  };
  return (path, entry) => !isOrdered(ordered, { path, entry });
}

function isOrdered(
  { files, folders }: { files: readonly string[]; folders: readonly string[] },
  { path, entry }: { path: string; entry: Dirent },
): boolean {
  return (entry.isFile() && files.includes(path)) || (entry.isDirectory() && folders.includes(path));
}
