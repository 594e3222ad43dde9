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
import type { AtVersion, Document } from "../knowledge/document.ts";
import type { KnowledgeFilter } from "../knowledge/listing.ts";
import type { SessionFilter } from "../sessions/list.ts";
import type { PageRange as TextRange } from "../sessions/page.ts";
import type { SessionBytes, SessionUpload } from "../sessions/session.ts";

export type { AtVersion, Document } from "../knowledge/document.ts";
export type { KnowledgeFilter } from "../knowledge/listing.ts";
export type { SessionFilter } from "../sessions/list.ts";
export type { PageRange as TextRange } from "../sessions/page.ts";
export type { ArchiveStream, SessionBytes, SessionUpload } from "../sessions/session.ts";

export interface WorkspaceFilter {
  machine?: string | undefined;
  tool?: string | undefined;
  project?: string | undefined;
  cursor?: string | undefined;
  /** Entries per page; default and most `LIMITS.answer.pageEntries`. */
  limit?: number | undefined;
}

/** A workspace opened for reading. What it tells is presentable, and the whole files it gives to an AI are masked: edges show it as it is. */
export interface ReadableWorkspace {
  readonly id: string;
  summary(): Promise<WorkspaceSummary>;
  readOverview(at?: AtVersion): Promise<Document>;
  listKnowledge(filter: KnowledgeFilter): Promise<KnowledgePage>;
  /** The file as it is on disk (masked for AIs), to be sent as it is. */
  openKnowledge(path: string, at?: AtVersion): Promise<Document>;
  /** A page of the overview as text, for tools. */
  pageOverview(at: AtVersion, range: TextRange): Promise<TextLines>;
  /** A page of the file as text, for tools. */
  readKnowledge(path: string, at: AtVersion, range: TextRange): Promise<TextLines>;
  listSessions(filter: SessionFilter): Promise<SessionPage>;
  /** Throws `not_found`. */
  session(sessionId: string): Promise<SessionEntry>;
  readSession(sessionId: string, view: "conversation" | "raw", range: TextRange): Promise<SessionLines>;
  /** Throws `not_found`. */
  openSession(sessionId: string, options: { gzip: boolean }): Promise<SessionBytes>;
}

/** The one workspace an AI has proved to be its own. */
export interface OwnWorkspace {
  readonly id: string;
  writeOverview(content: string, expectedSha256?: string): Promise<OverviewWritten>;
  deleteKnowledge(path: string, expectedSha256?: string): Promise<KnowledgeDeleted>;
}

/** A workspace opened by a sync token together with its write token. */
export interface UploadWorkspace {
  readonly id: string;
  /** `expectedSha256` "" means: only if the file does not exist. */
  uploadKnowledge(path: string, content: Buffer, expectedSha256?: string): Promise<KnowledgeWritten>;
  uploadSession(upload: SessionUpload): Promise<SessionWritten>;
}

/** What spans workspaces: everything in a principal's scope, and nothing else. What it tells is presentable. */
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
