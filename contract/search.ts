import * as z from "zod";
import { NamePart, WorkspaceId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { TURN_ROLES } from "./turn-roles.ts";
import { Cursor, GivenTime, Line, Time } from "./wire.ts";

/** What is asked of a search, and what it answers. */

export const TurnRole = z.enum(TURN_ROLES);
export type TurnRole = z.infer<typeof TurnRole>;

export const SEARCH_MODES = ["ranked", "literal", "regex"] as const;

export const SEARCH_CASES = ["ignore", "match"] as const;

/** Kinds of documents, as `type:` names them. */
export const SEARCH_KINDS = ["knowledge", "session"] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

const EMPTY = "the query is empty: write what to look for";

const SearchBase = {
  query: z
    .string()
    .min(1, { error: EMPTY, abort: true })
    .refine((text) => text.trim() !== "", { error: EMPTY })
    .refine((text) => new TextEncoder().encode(text).length <= LIMITS.search.patternBytes, {
      error: `the query is longer than ${LIMITS.search.patternBytes} bytes: keep the words that tell most`,
    })
    .describe(
      'What to look for: plain words (ranked), an exact text (literal) or a regular expression (regex). Ranked also takes "exact phrases", -word, and workspace: machine: tool: project: role: file: after: before: with a value',
    ),
  mode: z
    .enum(SEARCH_MODES)
    .default("ranked")
    .describe(
      "ranked = any of the words, best first; literal = this exact text, case ignored; regex = Rust syntax, case counts unless it begins with (?i)",
    ),
  case: z
    .enum(SEARCH_CASES)
    .optional()
    .describe(
      "Whether case counts: left out, literal ignores it and regex matches it; ranked always ignores it",
    ),
  workspace_id: WorkspaceId.optional(),
  machine: NamePart.optional(),
  tool: NamePart.optional(),
  project: NamePart.optional(),
  after: GivenTime.optional().describe(
    "Only what was written at or after this date or time (ISO 8601), or 12h, 7d, 2w ago",
  ),
  before: GivenTime.optional().describe(
    "Only what was written before this date or time (ISO 8601), or 12h, 7d, 2w ago",
  ),
  limit: z.int().min(1).max(LIMITS.search.hits).default(LIMITS.search.defaultHits),
  cursor: Cursor.optional(),
  explain: z.boolean().default(false).describe("Say how the query was understood and what the search did"),
};

export const KnowledgeQuery = z.strictObject(SearchBase);
export type KnowledgeQuery = z.infer<typeof KnowledgeQuery>;

export const SessionQuery = z.strictObject({
  ...SearchBase,
  role: TurnRole.optional().describe("Only lines of this kind"),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

/** What one word added to a hit's score; what is not about one word stands in brackets. */
const Why = z.object({ word: z.string(), score: z.number() });
export type Why = z.infer<typeof Why>;

const ranking = {
  score: z.number().optional(),
  why: z.array(Why).optional().describe("With explain: what each word added to the score"),
};

export const KnowledgeHit = z.object({
  anchor: z.string(),
  workspace_id: z.string(),
  path: z.string(),
  line: Line,
  time: Time,
  title: z.string(),
  snippet: z.string(),
  ...ranking,
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
  ...ranking,
  more_lines: z.array(Line).optional().describe("Other matching lines of the same session, best first"),
});
export type SessionHit = z.infer<typeof SessionHit>;

const Count = z.int().min(0);
const Milliseconds = z.number().min(0).describe("Milliseconds, to a tenth");

/** One step of a search. Steps may overlap. */
export const ExplainLeg = z.object({
  name: z.string(),
  candidates: Count.describe("Documents, or passages of them, that were left after this step"),
  ms: Milliseconds,
  note: z.string().optional(),
});
export type ExplainLeg = z.infer<typeof ExplainLeg>;

/** What a search understood and did. */
export const SearchExplain = z.object({
  query: z.object({
    mode: z.enum(SEARCH_MODES),
    text: z.string().describe("The query as it was understood"),
    words: z.array(z.string()).describe("What the ranking looks for"),
    phrases: z.array(z.string()),
    excluded: z.array(z.string()),
    filters: z.array(z.string()).describe("field:value of the text, name=value of the arguments"),
  }),
  legs: z.array(ExplainLeg),
  documents: z
    .object({
      indexed: Count.describe("Known to the index, and read only if it named them"),
      scanned: Count.describe("Looked through in their files"),
      skipped: Count.describe("Not looked at"),
    })
    .describe("Every document that the filters let through is one of these"),
  not_searched: z.array(z.string()),
  ms: Milliseconds,
});
export type SearchExplain = z.infer<typeof SearchExplain>;

const answer = <T extends z.ZodType>(hit: T) => ({
  hits: z.array(hit),
  next_cursor: z.string().optional(),
  partial: z.boolean().describe("True when not everything could be searched in time"),
  note: z.string().optional().describe("What was left out, and what to do about it"),
  explain: SearchExplain.optional(),
});

export const KnowledgeAnswer = z.object(answer(KnowledgeHit));
export type KnowledgeAnswer = z.infer<typeof KnowledgeAnswer>;
export const SessionAnswer = z.object(answer(SessionHit));
export type SessionAnswer = z.infer<typeof SessionAnswer>;
