import type { Row } from "../bench.ts";
import { archiveSize } from "./archive-size.ts";
import { claudeHook } from "./claude-hook.ts";
import { eventLoop } from "./event-loop.ts";
import { handEdit } from "./hand-edit.ts";
import { indexSize } from "./index-size.ts";
import { knowledgeExact } from "./knowledge-exact.ts";
import { knowledgeRanked } from "./knowledge-ranked.ts";
import { mcpCall } from "./mcp-call.ts";
import { neighbours } from "./neighbours.ts";
import { proxyStream } from "./proxy-stream.ts";
import { redaction } from "./redaction.ts";
import { serverMemory } from "./server-memory.ts";
import { sessionAppend } from "./session-append.ts";
import { sessionsIndexed } from "./sessions-indexed.ts";
import { sessionsUnindexed } from "./sessions-unindexed.ts";
import { syncUnchanged } from "./sync-unchanged.ts";
import { transcriptPage } from "./transcript-page.ts";
import { uploadAnswered } from "./upload-answered.ts";
import { verify } from "./verify.ts";

/** Every row of the target table; those that ask the same server follow one another. */
export const ROWS: readonly Row[] = [
  sessionsUnindexed,
  sessionsIndexed,
  knowledgeExact,
  knowledgeRanked,
  handEdit,
  transcriptPage,
  eventLoop,
  neighbours,
  indexSize,
  serverMemory,
  archiveSize,
  uploadAnswered,
  sessionAppend,
  mcpCall,
  proxyStream,
  redaction,
  verify,
  syncUnchanged,
  claudeHook,
];
