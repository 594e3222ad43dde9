import * as z from "zod";
import { NamePart, WorkspaceId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { Cursor, GivenTime, Line, Time } from "./wire.ts";

/** What is asked of a search, and what it answers. */

export const TURN_ROLES = ["user", "assistant", "thinking", "tool_call", "tool_result", "system"] as const;
export const TurnRole = z.enum(TURN_ROLES);
export type TurnRole = z.infer<typeof TurnRole>;

export const SEARCH_MODES = ["ranked", "literal", "regex"] as const;

const SearchBase = {
  query: z
    .string()
    .min(1)
    .refine((text) => text.trim() !== "", { error: "the query is empty" })
    .refine((text) => new TextEncoder().encode(text).length <= LIMITS.search.patternBytes, {
      error: `the query is longer than ${LIMITS.search.patternBytes} bytes`,
    })
    .describe(
      "What to look for: plain words (ranked), an exact text (literal) or a regular expression (regex)",
    ),
  mode: z
    .enum(SEARCH_MODES)
    .default("ranked")
    .describe(
      "ranked = any of the words, best first; literal = this exact text, case ignored; regex = Rust syntax, case counts unless it begins with (?i)",
    ),
  workspace_id: WorkspaceId.optional(),
  machine: NamePart.optional(),
  tool: NamePart.optional(),
  project: NamePart.optional(),
  after: GivenTime.optional().describe("Only what was written at or after this date or time (ISO 8601)"),
  before: GivenTime.optional().describe("Only what was written before this date or time (ISO 8601)"),
  limit: z.int().min(1).max(LIMITS.search.hits).default(LIMITS.search.defaultHits),
  cursor: Cursor.optional(),
};

export const KnowledgeQuery = z.strictObject(SearchBase);
export type KnowledgeQuery = z.infer<typeof KnowledgeQuery>;

export const SessionQuery = z.strictObject({
  ...SearchBase,
  role: TurnRole.optional().describe("Only lines of this kind"),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

export const KnowledgeHit = z.object({
  anchor: z.string(),
  workspace_id: z.string(),
  path: z.string(),
  line: Line,
  time: Time,
  title: z.string(),
  snippet: z.string(),
  score: z.number().optional(),
});
export type KnowledgeHit = z.infer<typeof KnowledgeHit>;

export const SessionHit = z.object({
  anchor: z.string(),
  workspace_id: z.string(),
  session_id: z.string(),
  line: Line,
  role: TurnRole,
  time: Time,
  snippet: z.string(),
  score: z.number().optional(),
  more_lines: z.array(Line).optional().describe("Other matching lines of the same session"),
});
export type SessionHit = z.infer<typeof SessionHit>;

const answer = <T extends z.ZodType>(hit: T) => ({
  hits: z.array(hit),
  next_cursor: z.string().optional(),
  partial: z.boolean().describe("True when not everything could be searched in time"),
  note: z.string().optional().describe("What was left out, and what to do about it"),
});

export const KnowledgeAnswer = z.object(answer(KnowledgeHit));
export type KnowledgeAnswer = z.infer<typeof KnowledgeAnswer>;
export const SessionAnswer = z.object(answer(SessionHit));
export type SessionAnswer = z.infer<typeof SessionAnswer>;
