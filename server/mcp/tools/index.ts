import type { Tool } from "../tool.ts";
import { deleteKnowledge } from "./delete-knowledge.ts";
import { getOverview } from "./get-overview.ts";
import { listKnowledge } from "./list-knowledge.ts";
import { listSessions } from "./list-sessions.ts";
import { listWorkspaces } from "./list-workspaces.ts";
import { memory20250818 } from "./memory-20250818.ts";
import { readKnowledge } from "./read-knowledge.ts";
import { readSession } from "./read-session.ts";
import { registerWorkspace } from "./register-workspace.ts";
import { searchKnowledge } from "./search-knowledge.ts";
import { searchSessions } from "./search-sessions.ts";
import { uploadKnowledge } from "./upload-knowledge.ts";
import { uploadSession } from "./upload-session.ts";
import { writeOverview } from "./write-overview.ts";

/** Every tool of the server, in the order in which they are listed. */
export const TOOLS: readonly Tool[] = [
  getOverview,
  searchKnowledge,
  searchSessions,
  readKnowledge,
  readSession,
  listWorkspaces,
  listKnowledge,
  listSessions,
  registerWorkspace,
  writeOverview,
  deleteKnowledge,
  memory20250818,
  uploadKnowledge,
  uploadSession,
];
