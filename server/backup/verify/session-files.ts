import { parseJson } from "../../../contract/json.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { archiveAt, SessionFacts, type Place } from "../../sessions/session.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, LAYOUT, parseArchiveName } from "../../storage/layout.ts";
import { entriesOf } from "../read/files-below.ts";
import { monthsOf } from "../read/months.ts";
import { openedFile, readText, unlessForeign } from "../read/opened.ts";
import { enterIn, type Workspace } from "../read/workspace.ts";

/** A session, by the names of its files. */
export interface SessionFile extends Place {
  sessionId: string;
  revision: number;
  /** The archive it lies in, below `sessions/`. */
  archive: string;
}

/** The archives of a workspace, and the sessions without one of their own. */
export function sessionFiles(workspace: Workspace): { archives: SessionFile[]; aliases: SessionFile[] } {
  const found = monthsOf(workspace).flatMap((folders) => {
    using folder = enterIn(workspace, [LAYOUT.sessions, ...folders]);
    const names = new Set(folder === undefined ? [] : entriesOf(folder).map(({ name }) => name));
    return [...names].flatMap((name) => sessionFile(name, folders, names));
  });
  const own = found.filter((session) => session.archive === archiveAt(session));
  const others = found.filter((session) => session.archive !== archiveAt(session));
  const aliases = others.map((session) => {
    const facts = factsAt(workspace, session);
    return { ...session, archive: typeof facts === "object" ? facts.archive : archiveAt(session) };
  });
  return { archives: own, aliases };
}

/** An archive; or facts without one, whose archive is not known yet. */
function sessionFile(name: string, folders: Place["folders"], names: ReadonlySet<string>): SessionFile[] {
  const isArchive = name.endsWith(ARCHIVE_SUFFIX);
  if (!isArchive && !name.endsWith(FACTS_SUFFIX)) return [];
  const base = name.slice(0, -(isArchive ? ARCHIVE_SUFFIX : FACTS_SUFFIX).length);
  const parsed = parseArchiveName(`${base}${ARCHIVE_SUFFIX}`);
  if (parsed === undefined || (!isArchive && names.has(`${base}${ARCHIVE_SUFFIX}`))) return [];
  const archive = isArchive ? archiveAt({ folders, base }) : "";
  return [{ folders, base, archive, sessionId: parsed.sessionId, revision: parsed.revision }];
}

/** The facts of a session as they are on disk now. */
export function factsAt(
  workspace: Workspace,
  { folders, base }: Place,
): SessionFacts | "missing" | "damaged" {
  using folder = enterIn(workspace, [LAYOUT.sessions, ...folders]);
  using file = folder && unlessForeign(() => openedFile(folder, `${base}${FACTS_SUFFIX}`));
  if (file === undefined) return "missing";
  if (file.stats.size > LIMITS.storage.jsonBytes) return "damaged";
  return SessionFacts.safeParse(parseJson(readText(file))).data ?? "damaged";
}
