import { AppError } from "../../../contract/errors.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { isErrno } from "../../../disk/errno.ts";
import { chunkRows } from "../../sessions/facts.ts";
import { archiveAt, type SessionFacts } from "../../sessions/session.ts";
import { archiveSegments } from "../../storage/layout.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX } from "../../storage/layout.ts";
import { DamagedGzip, isZlibError } from "../../storage/seekable-gzip-file.ts";
import { pathIn, type Workspace } from "../read/workspace.ts";
import { archiveContent } from "./archive-content.ts";
import { finding, type Finding, type Look } from "./finding.ts";
import { factsAt, sessionFiles, type SessionFile } from "./session-files.ts";

/** One look for each archive of a workspace with the sessions that lie in it, and one for each that has lost its archive. */
export function* sessionLooks(workspace: Workspace): Generator<Look> {
  const { archives, aliases } = sessionFiles(workspace);
  const byArchive = Map.groupBy(aliases, ({ archive }) => archive);
  for (const archive of archives) {
    const at = archiveAt(archive);
    const own = byArchive.get(at) ?? [];
    byArchive.delete(at);
    yield () => archiveFindings(workspace, archive, own);
  }
  for (const [archive, lost] of byArchive)
    yield () => (hasArchive(workspace, archive) ? [] : lost.map((alias) => lostFinding(workspace, alias)));
}

/** An archive, and the facts of all sessions that lie in it. */
async function archiveFindings(
  workspace: Workspace,
  place: SessionFile,
  aliases: readonly SessionFile[],
): Promise<Finding[]> {
  const known: Known[] = [];
  const found: Finding[] = [];
  for (const at of [place, ...aliases]) {
    const facts = factsAt(workspace, at);
    if (typeof facts === "object") known.push({ at, facts });
    else found.push(noFacts(pathOf(workspace, at, FACTS_SUFFIX), facts));
  }
  try {
    const content = await contentOf(workspace, place, known);
    return [...found, ...known.flatMap((session) => misfitFindings(workspace, { place, session, content }))];
  } catch (error) {
    return [...found, archiveFault(pathOf(workspace, place, ARCHIVE_SUFFIX), error)];
  }
}

/** A session whose facts can be read. */
interface Known {
  at: SessionFile;
  facts: SessionFacts;
}

type Content = Awaited<ReturnType<typeof archiveContent>> & { gzipBytes: number };

async function contentOf(
  workspace: Workspace,
  place: SessionFile,
  known: readonly Known[],
): Promise<Content> {
  const segments = segmentsOf(workspace, place);
  using folder = FolderSync.enter(workspace.root, ...segments.slice(0, -1));
  using file = folder.openFile(`${place.base}${ARCHIVE_SUFFIX}`);
  const beginnings = known.map(({ facts }) => facts.bytes);
  const content = await archiveContent({ root: workspace.root, segments, file }, beginnings);
  if (content.chunks === undefined && known.some(({ facts }) => facts.chunks.length > 0))
    throw new DamagedGzip("its facts know of chunks, but it has no table of them");
  return { ...content, gzipBytes: file.stats.size };
}

function misfitFindings(
  workspace: Workspace,
  { place, session, content }: { place: SessionFile; session: Known; content: Content },
): Finding[] {
  const { at, facts } = session;
  const isAlias = at !== place;
  const gzipBytes = isAlias ? 0 : content.gzipBytes;
  const id = isAlias && facts.bytes > content.bytes ? "alias.short" : "facts.differ";
  const path = pathOf(workspace, at, FACTS_SUFFIX);
  return misfits({ at, facts, content, gzipBytes }).map((what) => finding(id, path, what));
}

/** What facts say otherwise than the bytes. */
function misfits({
  at,
  facts,
  content,
  gzipBytes,
}: Known & { content: Content; gzipBytes: number }): string[] {
  const measured = content.beginnings.get(facts.bytes);
  if (measured === undefined) return ["it says more bytes than the archive holds"];
  const isOwn = facts.archive === archiveAt(at);
  const rows = isOwn ? chunkRows(content.chunks ?? []) : [];
  const differences = {
    sha256: facts.sha256 !== measured.sha256,
    lines: facts.lines !== measured.lines,
    bytes: isOwn && facts.bytes !== content.bytes,
    gzip_bytes: facts.gzip_bytes !== gzipBytes,
    session_id: facts.session_id !== at.sessionId,
    revision: facts.revision !== at.revision,
    chunks: JSON.stringify(facts.chunks) !== JSON.stringify(rows),
  };
  const names = Object.entries(differences).flatMap(([name, differs]) => (differs ? [name] : []));
  return names.length === 0 ? [] : [`it does not fit the archive: ${names.join(", ")}`];
}

function noFacts(path: string, why: "missing" | "damaged"): Finding {
  return why === "missing"
    ? finding("facts.missing", path, "the archive has none; the next start of the server makes them anew")
    : finding("facts.differ", path, "it cannot be read as facts");
}

function archiveFault(path: string, error: unknown): Finding {
  const isDamage = error instanceof DamagedGzip || isZlibError(error);
  if (isDamage || (error instanceof AppError && error.code === "damaged"))
    return finding("archive.damaged", path, "its bytes are not those that were written");
  if (error instanceof AppError || isErrno(error, "ENOENT", "EIO", "EACCES", "EPERM"))
    return finding("archive.unreadable", path, "it cannot be opened or read");
  throw error;
}

function lostFinding(workspace: Workspace, session: SessionFile): Finding {
  const path = pathOf(workspace, session, FACTS_SUFFIX);
  return session.archive === archiveAt(session)
    ? finding("archive.missing", path, "there is no archive beside it")
    : finding("alias.short", path, "the archive it names is not there");
}

function hasArchive({ root, id }: Workspace, archive: string): boolean {
  const segments = archiveSegments(id, archive);
  try {
    using folder = FolderSync.enter(root, ...segments.slice(0, -1));
    return folder.look(segments.at(-1) ?? "") !== undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

function segmentsOf({ id }: Workspace, place: SessionFile): string[] {
  return archiveSegments(id, archiveAt(place));
}

function pathOf(workspace: Workspace, { folders, base }: SessionFile, suffix: string): string {
  return pathIn(workspace, ["sessions", ...folders, `${base}${suffix}`]);
}
