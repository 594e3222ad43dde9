import type { Readable } from "node:stream";
import * as z from "zod";
import { Sha256 } from "../../contract/ids.ts";
import { presentable } from "../../contract/secrets.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { shared } from "./shared-texts.ts";
import { ARCHIVE_SUFFIX, archiveSegments } from "../storage/layout.ts";

/** Year, month and name of an archive below `sessions/`, the only shape a facts file may name. */
const ARCHIVE_PATH = /^\d{4}\/\d{2}\/[A-Za-z0-9][A-Za-z0-9._-]*\.jsonl\.gz$/;

/** The facts file beside an archive: derived from it, but for an alias, whose only record it is. */
export const SessionFacts = z.object({
  session_id: z.string(),
  tool: z.string(),
  started: z.iso.datetime(),
  ended: z.iso.datetime(),
  lines: z.int().min(0),
  bytes: z.int().min(0),
  /** Of the archive file; 0 for an alias. */
  gzip_bytes: z.int().min(0),
  sha256: Sha256,
  revision: z.int().min(1),
  first_prompt: z.string(),
  title: z.string().optional(),
  cwd: z.string().optional(),
  git_branch: z.string().optional(),
  parent: z.string().optional(),
  /** The archive that holds the bytes, below `sessions/`. An alias names another session's. */
  archive: z.string().regex(ARCHIVE_PATH),
  /** Deflated bytes, raw bytes, lines, and CRC-32 of all raw bytes so far; empty for a gzip without our table. */
  chunks: z.array(z.tuple([z.int(), z.int(), z.int(), z.int()])),
  stored_at: z.iso.datetime(),
});
export type SessionFacts = z.infer<typeof SessionFacts>;

/** Where a session's files are: `sessions/<year>/<month>/<base>.jsonl.gz` and `.json`. */
export interface Place {
  folders: readonly [string, string];
  base: string;
}

/** What is kept of a facts file in memory. Of years of sessions all of these are. */
export type KnownFacts = Omit<SessionFacts, "chunks" | "stored_at">;

/** One revision of a session as the catalogue knows it; chunk tables stay on disk. */
export interface StoredSession {
  workspaceId: string;
  place: Place;
  facts: KnownFacts;
  startedMs: number;
  endedMs: number;
  /**
   * Set when its bytes cannot be read or are not what was stored: the archive as it was then, so that one is looked at
   * again that was repaired or restored.
   */
  damaged: FileStamp | undefined;
}

/** Tells a file from what it was before somebody wrote or replaced it. */
export type FileStamp = string;

/** What a search needs to know of a session: where its bytes lie, and which they are. */
export interface Archive {
  workspaceId: string;
  sessionId: string;
  sha256: string;
  startedMs: number;
  endedMs: number;
  /** Lines of the archive that belong to this session: an alias may end before the archive does. */
  lines: number;
  /** Raw bytes. */
  bytes: number;
  /** Path of the archive below `sessions/`. */
  archive: string;
}

/** A session's bytes, to be read once it is known which of them are wanted. All streams are of the content that `entry` names. */
export interface SessionBytes {
  entry: SessionEntry;
  /** All of them, or a part. Throws `damaged` and `not_found`. */
  stream: (range?: ByteSpan) => Promise<ArchiveStream>;
}

/** Some of the bytes that a stream gives. */
export interface ByteSpan {
  fromByte?: number | undefined;
  /** The byte after the last one. */
  toByte?: number | undefined;
}

/** `stream` gives the bytes verbatim, or with our own secrets masked, which keeps the length. */
export interface ArchiveStream {
  /** Bytes that `stream` will give. */
  sizeBytes: number;
  encoding: "identity" | "gzip";
  stream: Readable;
}

export interface SessionUpload {
  sessionId: string;
  source: AsyncIterable<Buffer>;
  /** How `source` is encoded. */
  encoding: "identity" | "gzip";
  /** SHA-256 of the whole raw transcript. Checked before anything is stored. */
  sha256?: string | undefined;
  /** Set for an append: `source` holds only what follows this many stored raw bytes. */
  offsetBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The archive that lies at a place, as a path below `sessions/`. */
export function archiveAt({ folders, base }: Place): string {
  return [...folders, `${base}${ARCHIVE_SUFFIX}`].join("/");
}

/** True when the bytes lie in another session's archive. */
export function isAlias({ place, facts }: StoredSession): boolean {
  return facts.archive !== archiveAt(place);
}

/** Path of the archive with a session's bytes, below the root. */
export function segmentsOf({ workspaceId, facts }: StoredSession): string[] {
  return archiveSegments(workspaceId, facts.archive);
}

/** A session whose facts fit its bytes, as far as is known. */
export function stored(
  workspaceId: string,
  place: Place,
  read: KnownFacts & { chunks?: unknown; stored_at?: unknown },
): StoredSession {
  const { chunks: _, stored_at: _at, ...facts } = read;
  const [startedMs, endedMs] = [Date.parse(facts.started), Date.parse(facts.ended)];
  return { workspaceId, place, facts: sharingTexts(facts), startedMs, endedMs, damaged: undefined };
}

/** Sessions by the thousand name few tools and folders. */
function sharingTexts(facts: KnownFacts): KnownFacts {
  const { tool, cwd, git_branch: branch } = facts;
  return {
    ...facts,
    tool: shared(tool),
    ...(cwd !== undefined && { cwd: shared(cwd) }),
    ...(branch !== undefined && { git_branch: shared(branch) }),
  };
}

export function archiveFor({ workspaceId, facts, startedMs, endedMs }: StoredSession): Archive {
  const { session_id: sessionId, sha256, lines, bytes, archive } = facts;
  return { workspaceId, sessionId, sha256, startedMs, endedMs, lines, bytes, archive };
}

/** What callers see of a session. A damaged one has no bytes to offer, whatever it had before. */
export function entryOf({ workspaceId, facts, damaged }: StoredSession): SessionEntry {
  const { title, cwd, parent } = facts;
  return {
    session_id: facts.session_id,
    workspace_id: workspaceId,
    tool: facts.tool,
    started: facts.started,
    ended: facts.ended,
    lines: facts.lines,
    bytes: facts.bytes,
    sha256: facts.sha256,
    revision: facts.revision,
    first_prompt: presentable(facts.first_prompt),
    ...(title !== undefined && { title: presentable(title) }),
    ...(cwd !== undefined && { cwd: presentable(cwd) }),
    ...(parent !== undefined && { parent: presentable(parent) }),
    ...(damaged !== undefined && { lines: 0, bytes: 0, sha256: sha256(""), damaged: true }),
  };
}

/** Newest first: by start, then by id, then by workspace. */
export function newestFirst(a: SessionOrder, b: SessionOrder): number {
  return (
    descending(a.started, b.started) ||
    descending(a.sessionId, b.sessionId) ||
    descending(a.workspaceId, b.workspaceId)
  );
}

/** What a session's place in a listing depends on. */
export interface SessionOrder {
  started: string;
  sessionId: string;
  workspaceId: string;
}

export function orderOf({ workspaceId, facts }: StoredSession): SessionOrder {
  return { started: facts.started, sessionId: facts.session_id, workspaceId };
}

function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}
