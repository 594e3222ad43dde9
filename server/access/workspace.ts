import type { Readable } from "node:stream";
import type {
  AiRegistration,
  KnowledgeDeleted,
  KnowledgePage,
  KnowledgeWritten,
  OverviewWritten,
  SessionEntry,
  SessionLines,
  SessionPage,
  SessionWritten,
  SyncRegistration,
  TextLines,
  WorkspaceName,
  WorkspacePage,
  WorkspaceSummary,
} from "../../contract/wire.ts";
import type { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";

/** Which content of a file: the current one, a numbered version, or the one that was current at a time. */
export interface AtVersion {
  version?: number | undefined;
  as_of?: string | undefined;
}

/** Where a page of text begins and how much it may hold. */
export interface TextRange {
  from_line?: number | undefined;
  /** Character (UTF-16 unit) within `from_line`, for lines longer than a page. */
  from_char?: number | undefined;
  max_lines?: number | undefined;
  /** Bytes of text the page may hold; default `LIMITS.answer.defaultBytes`. */
  max_bytes?: number | undefined;
}

export interface ListRange {
  cursor?: string | undefined;
  /** Entries per page; default and most `LIMITS.answer.pageEntries`. */
  limit?: number | undefined;
}

export interface KnowledgeFilter extends ListRange {
  prefix?: string | undefined;
}

export interface SessionFilter extends ListRange {
  after?: string | undefined;
  before?: string | undefined;
}

export interface WorkspaceFilter extends ListRange {
  machine?: string | undefined;
  tool?: string | undefined;
  project?: string | undefined;
}

/** A whole text with what a conditional request needs. */
export interface Document {
  path: string;
  bytes: Buffer;
  sha256: string;
  modified: Date;
  version: number;
}

/** One session's bytes. `stream` gives them verbatim, or with our own secrets masked (same length) for AI tokens. */
export interface ArchiveStream {
  entry: SessionEntry;
  /** Bytes that `stream` will give. */
  sizeBytes: number;
  encoding: "identity" | "gzip";
  stream: Readable;
}

/** A workspace opened for reading. Everything it gives to an AI is already masked. */
export interface ReadableWorkspace {
  readonly id: string;
  summary(): Promise<WorkspaceSummary>;
  readOverview(at?: AtVersion): Promise<Document>;
  listKnowledge(filter: KnowledgeFilter): Promise<KnowledgePage>;
  /** The file as it is on disk (masked for AIs), for HTTP. */
  openKnowledge(path: string, at?: AtVersion): Promise<Document>;
  /** A page of the overview as text, for tools. */
  pageOverview(at: AtVersion, range: TextRange): Promise<TextLines>;
  /** A page of the file as text, for tools. */
  readKnowledge(path: string, at: AtVersion, range: TextRange): Promise<TextLines>;
  listSessions(filter: SessionFilter): Promise<SessionPage>;
  /** Throws `not_found`. */
  session(sessionId: string): Promise<SessionEntry>;
  readSession(sessionId: string, view: "conversation" | "raw", range: TextRange): Promise<SessionLines>;
  openSession(
    sessionId: string,
    options: { gzip: boolean; fromByte?: number; toByte?: number },
  ): Promise<ArchiveStream>;
}

/** The one workspace an AI has proved to be its own. */
export interface OwnWorkspace {
  readonly id: string;
  writeOverview(content: string, expectedSha256?: string): Promise<OverviewWritten>;
  deleteKnowledge(path: string, expectedSha256?: string): Promise<KnowledgeDeleted>;
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

/** A workspace opened by a sync token together with its write token. */
export interface UploadWorkspace {
  readonly id: string;
  /** `expectedSha256` "" means: only if the file does not exist. */
  uploadKnowledge(path: string, content: Buffer, expectedSha256?: string): Promise<KnowledgeWritten>;
  uploadSession(upload: SessionUpload): Promise<SessionWritten>;
}

/** What spans workspaces: everything in a principal's scope, and nothing else. */
export interface Directory {
  overview(): Promise<{ readme: string; index: string; workspaces: WorkspacePage }>;
  workspaces(filter: WorkspaceFilter): Promise<WorkspacePage>;
  listSessions(filter: SessionFilter): Promise<SessionPage>;
  searchKnowledge(query: KnowledgeQuery, signal?: AbortSignal): Promise<KnowledgeAnswer>;
  searchSessions(query: SessionQuery, signal?: AbortSignal): Promise<SessionAnswer>;
  registerForAi(name: WorkspaceName, description?: string): Promise<AiRegistration>;
  /** `writeToken` is the one the caller already has, if any. Throws `conflict` when the workspace has another. */
  registerForSync(
    name: WorkspaceName,
    options: { description?: string | undefined; writeToken?: string | undefined },
  ): Promise<SyncRegistration>;
}
