import { setTimeout as sleep } from "node:timers/promises";
import { parseJson } from "../../../contract/json.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { FolderSync } from "../../../disk/folder-sync.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, LAYOUT, parseArchiveName } from "../../storage/layout.ts";
import { archiveAt, SessionFacts } from "../../sessions/session.ts";
import type { Item } from "../item.ts";
import { anyFile, entriesOf, filesBelow, isUnspellable } from "../read/files-below.ts";
import { monthsOf, type MonthNames } from "../read/months.ts";
import { fileItem, openedFile, readText, unlessForeign, type Opened } from "../read/opened.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";

/**
 * A workspace's sessions while others may write them. First the facts that name another session's archive, which is there by
 * then and only grows; then each archive with its own facts. A session that is an alias in the backup stays one, though it
 * may have got an archive of its own meanwhile.
 */
export async function* sessions(workspace: Workspace): AsyncGenerator<Item> {
  const aliases = new Set<string>();
  for (const month of monthsOf(workspace)) yield* aliasesIn(workspace, month, aliases);
  for (const month of monthsOf(workspace)) yield* archivesIn(workspace, month, aliases);
  using folder = enterIn(workspace, [LAYOUT.sessions]);
  const above = pathIn(workspace, [LAYOUT.sessions, ""]);
  const isOfMonth = (path: string) => /^\d{4}\/\d{2}$/.test(path.slice(above.length));
  if (folder !== undefined)
    yield* filesBelow(folder, above, (path, entry) => !(entry.isDirectory() && isOfMonth(path)));
}

function* aliasesIn(workspace: Workspace, month: MonthNames, aliases: Set<string>): Generator<Item> {
  const names = [LAYOUT.sessions, ...month];
  using folder = enterIn(workspace, names);
  if (folder === undefined) return;
  const present = new Set(entriesOf(folder).map(({ name }) => name));
  for (const name of present) {
    const base = baseOfFacts(name);
    if (base === undefined || present.has(`${base}${ARCHIVE_SUFFIX}`)) continue;
    const path = pathIn(workspace, [...names, base]);
    using file = unlessForeign(() => openedFile(folder, name));
    const facts = file && factsIn(file);
    if (file === undefined || facts === undefined) continue;
    if (facts.archive === archiveAt({ folders: month, base })) continue;
    aliases.add(path);
    yield fileItem(`${path}${FACTS_SUFFIX}`, file);
  }
}

async function* archivesIn(
  workspace: Workspace,
  month: MonthNames,
  aliases: ReadonlySet<string>,
): AsyncGenerator<Item> {
  const names = [LAYOUT.sessions, ...month];
  using folder = enterIn(workspace, names);
  if (folder === undefined) return;
  yield { kind: "folder", path: pathIn(workspace, names) };
  for (const entry of entriesOf(folder)) {
    const path = pathIn(workspace, [...names, entry.name]);
    const base = baseOf(entry.name);
    if (base !== undefined && aliases.has(pathIn(workspace, [...names, base]))) continue;
    if (base !== undefined && entry.isFile())
      yield* session(folder, base, pathIn(workspace, [...names, base]));
    else if (entry.isDirectory() && !isUnspellable(folder, entry.name))
      yield* folderBelow(folder, entry.name, path);
    else if (!entry.isFile() || !isFactsOfOther(folder, entry.name)) yield* anyFile(folder, entry, path);
  }
}

function* folderBelow(folder: FolderSync, name: string, path: string): Generator<Item> {
  using child = unlessForeign(() => folder.enter(name));
  if (child !== undefined) yield* filesBelow(child, `${path}/`);
}

/** An archive, and the facts that fit it. Facts that do not are derived, and made anew by whoever starts on the backup. */
async function* session(folder: FolderSync, base: string, path: string): AsyncGenerator<Item> {
  for (let attempt = 1; ; attempt += 1) {
    using facts = unlessForeign(() => openedFile(folder, `${base}${FACTS_SUFFIX}`));
    using archive = unlessForeign(() => openedFile(folder, `${base}${ARCHIVE_SUFFIX}`));
    const known = facts && factsIn(facts);
    const fits = archive === undefined || known?.gzip_bytes === Number(archive.stats.size);
    // They get their names one after the other; after so many looks they just do not fit.
    if (!fits && attempt < LIMITS.backup.factsTries) {
      await sleep(LIMITS.backup.factsPauseMs);
      continue;
    }
    if (archive !== undefined) yield fileItem(`${path}${ARCHIVE_SUFFIX}`, archive);
    if (facts !== undefined) yield fileItem(`${path}${FACTS_SUFFIX}`, facts);
    return;
  }
}

/** Undefined when they are none that can be read. */
function factsIn(file: Opened): SessionFacts | undefined {
  if (file.stats.size > LIMITS.storage.jsonBytes) return undefined;
  return SessionFacts.safeParse(parseJson(readText(file))).data;
}

function baseOf(name: string): string | undefined {
  return parseArchiveName(name) === undefined ? undefined : name.slice(0, -ARCHIVE_SUFFIX.length);
}

/** Of a facts file's name, when it goes with an archive's. */
function baseOfFacts(name: string): string | undefined {
  if (!name.endsWith(FACTS_SUFFIX)) return undefined;
  return baseOf(`${name.slice(0, -FACTS_SUFFIX.length)}${ARCHIVE_SUFFIX}`);
}

/** True for facts that go with their archive, and for an alias that came only now: what it names may be in the backup too short. */
function isFactsOfOther(folder: FolderSync, name: string): boolean {
  const base = baseOfFacts(name);
  if (base === undefined) return false;
  if (folder.look(`${base}${ARCHIVE_SUFFIX}`) !== undefined) return true;
  using file = unlessForeign(() => openedFile(folder, name));
  return file !== undefined && factsIn(file) !== undefined;
}
