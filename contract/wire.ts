import * as z from "zod";
import { ERROR_CODES } from "./errors.ts";
import { NamePart, Sha256, WorkspaceId } from "./ids.ts";
import { byteLength } from "./names.ts";
import { LIMITS } from "./limits.ts";

/** Shapes that travel: HTTP bodies and MCP structured content. Times are ISO 8601 UTC, sizes bytes, lines count from 1. */

export const Time = z.string().describe("ISO 8601, UTC");
/** A date or time as a caller writes it. */
export const GivenTime = z.string().max(LIMITS.answer.timeChars);
const Bytes = z.int().min(0);
const Count = z.int().min(0);
export const Line = z.int().min(1);
export const Cursor = z
  .string()
  .max(LIMITS.answer.cursorBytes)
  .describe("Opaque; from next_cursor of the page before");

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum([...ERROR_CODES, "internal"]),
    message: z.string(),
    hint: z.string().optional(),
    details: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    request_id: z.string().optional(),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

export const ROLES = ["ai", "sync", "admin", "metrics"] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const WorkspaceName = z.strictObject({
  machine: NamePart.describe('The machine, for example "laptop"'),
  tool: NamePart.describe('The tool, for example "claude-code" or "codex"'),
  project: NamePart.describe('The project, for example "webshop"'),
});
export type WorkspaceName = z.infer<typeof WorkspaceName>;

/** What one says to register a workspace. */
export const NewWorkspace = WorkspaceName.extend({
  description: z
    .string()
    .refine((text) => text.isWellFormed() && byteLength(text) <= LIMITS.workspaces.descriptionBytes, {
      error: `at most ${LIMITS.workspaces.descriptionBytes} bytes of valid Unicode`,
    })
    .describe("What the workspace is about, in a sentence")
    .optional(),
});

export const WorkspaceSummary = z.object({
  workspace_id: z.string(),
  machine: z.string(),
  tool: z.string(),
  project: z.string(),
  description: z.string().optional(),
  summary: z.string().optional().describe("First paragraph of its overview"),
  created_at: Time,
  last_activity: Time,
  knowledge_files: Count,
  sessions: Count,
  bytes: Bytes.describe("Knowledge, plus archives as they are on disk"),
});
export type WorkspaceSummary = z.infer<typeof WorkspaceSummary>;

export const KnowledgeEntry = z.object({
  path: z.string(),
  bytes: Bytes,
  modified: Time,
  title: z.string().describe("First heading, else the file name"),
  versions: Count.describe("How many contents are kept, the current one included"),
});
export type KnowledgeEntry = z.infer<typeof KnowledgeEntry>;

export const KnowledgeWritten = z.object({
  status: z.enum(["created", "updated", "unchanged"]),
  path: z.string(),
  version: z.int().min(1),
  sha256: Sha256,
});
export type KnowledgeWritten = z.infer<typeof KnowledgeWritten>;

export const KnowledgeDeleted = z.object({
  path: z.string(),
  kept_version: z
    .int()
    .min(1)
    .describe("The version that keeps the deleted content; readable with read_knowledge version=…"),
});
export type KnowledgeDeleted = z.infer<typeof KnowledgeDeleted>;

export const OverviewWritten = z.object({
  status: z.enum(["created", "updated", "unchanged"]),
  workspace_id: z.string(),
  version: z.int().min(1),
  sha256: Sha256,
});
export type OverviewWritten = z.infer<typeof OverviewWritten>;

export const SessionEntry = z.object({
  session_id: z.string().describe("Session id"),
  workspace_id: z.string(),
  tool: z.string().describe("The client that wrote it: claude-code, codex, or unknown"),
  started: Time,
  ended: Time,
  lines: Count,
  bytes: Bytes.describe("Raw bytes of the transcript"),
  sha256: Sha256,
  revision: z.int().min(1),
  first_prompt: z.string(),
  title: z.string().optional(),
  cwd: z.string().optional(),
  parent: z
    .string()
    .optional()
    .describe("Session id of the conversation that started this one as a subagent"),
  damaged: z
    .boolean()
    .optional()
    .describe("Its archive cannot be read, so bytes and lines are 0, until it is uploaded again or restored"),
});
export type SessionEntry = z.infer<typeof SessionEntry>;

export const SessionWritten = z.object({
  status: z.enum(["created", "appended", "unchanged", "revision"]),
  session_id: z.string(),
  sha256: Sha256,
  bytes: Bytes,
  lines: Count,
  revision: z.int().min(1),
  same_as: z.string().optional().describe("Session that already holds these bytes; nothing was stored twice"),
});
export type SessionWritten = z.infer<typeof SessionWritten>;

const page = <T extends z.ZodType>(entry: T) => ({
  entries: z.array(entry),
  next_cursor: z.string().optional().describe("Pass as cursor for the next page; absent on the last one"),
});
export const WorkspacePage = z.object(page(WorkspaceSummary));
export type WorkspacePage = z.infer<typeof WorkspacePage>;
export const KnowledgePage = z.object(page(KnowledgeEntry));
export type KnowledgePage = z.infer<typeof KnowledgePage>;
export const SessionPage = z.object(page(SessionEntry));
export type SessionPage = z.infer<typeof SessionPage>;
/** Lines of a knowledge file or overview. */
export const TextLines = z.object({
  workspace_id: z.string(),
  path: z.string(),
  anchor: z.string(),
  modified: Time,
  version: z.int().min(1),
  sha256: Sha256,
  from_line: Line,
  lines: Count.describe("Lines of the whole file"),
  text: z.string(),
  next_line: Line.optional(),
  next_char: Count.optional().describe("Set when a line was cut: go on with from_line and from_char"),
});
export type TextLines = z.infer<typeof TextLines>;

/** A page of a session. In the view `conversation` one archive line may give several turns, or none. */
export const SessionLines = z.object({
  session: SessionEntry,
  anchor: z.string(),
  view: z.enum(["conversation", "raw"]),
  from_line: Line,
  last_line: Count,
  text: z.string().describe("Every line begins with its line number"),
  next_line: Line.optional(),
  next_char: Count.optional().describe("Set when a line was cut: go on with from_line and from_char"),
});
export type SessionLines = z.infer<typeof SessionLines>;

/** Answer of a sync registration. The write token is there once: on the first one. */
export const SyncRegistration = z.object({
  workspace_id: WorkspaceId,
  created: z.boolean(),
  write_token: z.string().optional(),
});
export type SyncRegistration = z.infer<typeof SyncRegistration>;

/** Answer of an AI's registration: the proof for its write tools. */
export const AiRegistration = z.object({
  workspace_id: WorkspaceId,
  created: z.boolean(),
  binding: z.string().describe("Pass as the binding argument of write tools; never store it"),
  expires_at: Time,
});
export type AiRegistration = z.infer<typeof AiRegistration>;

/** `GET /api/v1/whoami`. */
export const WhoAmI = z.object({
  server: z.string(),
  version: z.string(),
  role: Role,
  name: z.string(),
  workspaces: z.array(z.string()).describe("Patterns of the workspaces in the token's scope"),
  writes: z
    .array(z.string())
    .optional()
    .describe(
      "Patterns of those it may register, bind or upload to; absent from servers that know no write scope",
    ),
  expires_at: Time.optional().describe("When the token ends; absent when it does not"),
  time: Time,
});
export type WhoAmI = z.infer<typeof WhoAmI>;

/** A named token as `token list` shows it; the secret itself is shown once, when it is made. */
export const TokenEntry = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  workspaces: z.array(z.string()),
  writes: z.array(z.string()).optional().describe("Which of them it may write to; absent: all"),
  machine: z
    .string()
    .optional()
    .describe("The slug of the machine that joined with it; absent: made by hand"),
  created_at: Time,
  expires_at: Time.optional(),
  revoked_at: Time.optional(),
  last_used: Time.optional(),
});
export type TokenEntry = z.infer<typeof TokenEntry>;

/** A join code as `join list` shows it; the code itself is shown once, when it is made. */
export const JoinEntry = z.object({
  id: z.string(),
  machine: z.string().describe("The slug of the machine whose tokens it is exchanged for"),
  read: z.array(z.string()).describe("What that machine's AI may read"),
  tokens_expire_at: Time.optional(),
  made_at: Time,
  expires_at: Time,
  used_at: Time.optional(),
});
export type JoinEntry = z.infer<typeof JoinEntry>;

/** `POST /api/v1/admin/joins`: a join code, this once, and where clients reach the server, if its owner said so. */
export const MadeJoin = z.object({ entry: JoinEntry, code: z.string(), url: z.string().optional() });
export type MadeJoin = z.infer<typeof MadeJoin>;

const IssuedToken = z.object({ id: z.string(), secret: z.string() });

/** `POST /api/v1/join`: one machine's own tokens, this once. */
export const Joined = z.object({
  machine: z.string(),
  url: z.string().describe("Where to reach the server"),
  ai: IssuedToken,
  sync: IssuedToken,
  expires_at: Time.optional(),
});
export type Joined = z.infer<typeof Joined>;

/** How much of one kind of documents is in the search index. */
const Coverage = z.object({
  indexed: Count,
  pending: Count.describe("Searched by reading until they are indexed"),
  failed: Count,
});

/** `GET /api/v1/admin/index`: what the search index holds. */
export const IndexStatus = z.object({
  state: z
    .enum(["ready", "building", "stopped"])
    .describe(
      "building: documents wait, or files are being compared; stopped: no server runs, nothing is known to wait",
    ),
  problem: z
    .string()
    .optional()
    .describe("What keeps the index from being written; searches go on by reading"),
  knowledge: Coverage,
  sessions: Coverage,
  oldest_pending_seconds: z
    .number()
    .min(0)
    .optional()
    .describe("For how long what has waited longest waits to be indexed; absent when nothing waits"),
  failures: z
    .array(z.object({ anchor: z.string(), reason: z.string() }))
    .describe("The first documents that could not be indexed, and why"),
  bytes: z.object({ knowledge: Count, sessions: Count }).describe("On disk"),
  watching: z
    .object({ folders: Count, complete: z.boolean() })
    .describe("Folders in which changes made by hand are seen at once; in others, at the next comparison"),
});
export type IndexStatus = z.infer<typeof IndexStatus>;
