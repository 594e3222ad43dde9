import { kindsOf, parseQuery } from "../../contract/query-language.ts";
import { SEARCH_CASES, SEARCH_KINDS, SEARCH_MODES, type SearchKind } from "../../contract/search.ts";
import { TURN_ROLES } from "../../contract/turn-roles.ts";
import type { Reader } from "../remote/reader.ts";
import { RemoteError } from "../remote/remote-error.ts";
import { defineCommand, UsageError, type Arguments, type Options } from "./command.ts";
import { choiceOption, countOption } from "./paging.ts";
import { queryText } from "./query-text.ts";
import { isEmpty, showAnswers, type Found } from "./search-answer.ts";

const OPTIONS = {
  knowledge: { type: "boolean", summary: "Only knowledge files" },
  sessions: { type: "boolean", summary: "Only sessions" },
  mode: { type: "string", value: "MODE", summary: `${SEARCH_MODES.join(", ")} (default ranked)` },
  case: {
    type: "string",
    value: "CASE",
    summary: `${SEARCH_CASES.join(" or ")} (literal ignores case, regex matches it, unless you say)`,
  },
  workspace: { type: "string", value: "ID", summary: "Only in this workspace" },
  machine: { type: "string", value: "NAME", summary: "Only of this machine" },
  tool: { type: "string", value: "NAME", summary: "Only of this tool" },
  project: { type: "string", value: "NAME", summary: "Only of this project" },
  after: { type: "string", value: "TIME", summary: "Only what was written at or after this date or time" },
  before: { type: "string", value: "TIME", summary: "Only what was written before this date or time" },
  role: { type: "string", value: "ROLE", summary: `Only lines of sessions by: ${TURN_ROLES.join(", ")}` },
  limit: { type: "string", value: "N", summary: "Hits of each kind (default 20)" },
  cursor: { type: "string", value: "CURSOR", summary: "Go on where an earlier search of one kind ended" },
  explain: { type: "boolean", summary: "Say how the query was understood and what the search did" },
} as const satisfies Options;

export const search = defineCommand({
  name: "search",
  summary: "Search knowledge and sessions on the server",
  positionals: "<words…>",
  options: OPTIONS,
  details: `Prints an address with every hit; \`memory-sync read ADDRESS\` opens it.

The words may be any text. These mean more in mode ranked:
"exact phrase": this must be there. -word or -"some text": this must not.
workspace:ID machine:NAME tool:NAME project:NAME role:ROLE file:TEXT after:TIME before:TIME type:knowledge type:session: only there; with a dash in front not there (but for after, before and type). Values with a blank want quotes.
TIME is 2026-11-21, 2026-11, 2026-11-21T14:00Z, or 12h, 7d, 2w for so long ago.

A shell takes quotes away, so put a whole query into single quotes. Of several arguments, one with a blank in it is a phrase. Arguments that begin with a dash go after --.
Example: memory-sync search 'after:7d "connection refused" redis -draft'`,
  async run(context, args) {
    if (args.positionals.length === 0) throw new UsageError("search wants something to look for");
    const role = choiceOption(args, "role", TURN_ROLES);
    const mode = choiceOption(args, "mode", SEARCH_MODES);
    const isRanked = mode === undefined || mode === "ranked";
    const text = isRanked ? queryText(args.positionals) : args.positionals.join(" ");
    const kinds = kindsFor({
      flags: kindFlags(args),
      // A query that makes no sense is explained here, before the server is asked.
      byText: isRanked ? kindsOf(parseQuery(text)) : SEARCH_KINDS,
      hasRole: role !== undefined,
      hasCursor: args.option("cursor") !== undefined,
    });
    const query = { query: text, mode, ...filtersOf(args) };
    const reader = await context.reader();

    const found: Found = {};
    if (kinds.includes("knowledge")) found.knowledge = await reader.searchKnowledge(query);
    if (kinds.includes("session")) found.sessions = await reader.searchSessions({ ...query, role });

    showAnswers(found, context.output, { reach: isEmpty(found) ? await reachOf(reader) : undefined });
    return "ok";
  },
});

/** What the token may read, where that is not all; where it cannot be asked for, nothing is said of it. */
async function reachOf(reader: Reader): Promise<string | undefined> {
  try {
    const { workspaces } = await reader.whoAmI();
    return workspaces.includes("*") ? undefined : workspaces.join(", ");
  } catch (error) {
    if (error instanceof RemoteError) return undefined;
    throw error;
  }
}

function kindFlags(args: Arguments<keyof typeof OPTIONS>): SearchKind[] {
  return [
    ...(args.flag("knowledge") ? (["knowledge"] as const) : []),
    ...(args.flag("sessions") ? (["session"] as const) : []),
  ];
}

function filtersOf(args: Arguments<keyof typeof OPTIONS>) {
  return {
    case: choiceOption(args, "case", SEARCH_CASES),
    workspace_id: args.option("workspace"),
    machine: args.option("machine"),
    tool: args.option("tool"),
    project: args.option("project"),
    after: args.option("after"),
    before: args.option("before"),
    limit: countOption(args, "limit"),
    cursor: args.option("cursor"),
    explain: args.flag("explain") ? "true" : undefined,
  };
}

interface Wishes {
  flags: readonly SearchKind[];
  /** What the text of the query can be about. */
  byText: readonly SearchKind[];
  /** A filter that only sessions have. */
  hasRole: boolean;
  /** A cursor belongs to one kind. */
  hasCursor: boolean;
}

function kindsFor({ flags, byText, hasRole, hasCursor }: Wishes): SearchKind[] {
  if (hasRole && flags.length > 0 && !flags.includes("session"))
    throw new UsageError("--role is for sessions; knowledge files have no roles");
  const kinds = byText.filter(
    (kind) => (flags.length === 0 || flags.includes(kind)) && (kind === "session" || !hasRole),
  );
  if (kinds.length === 0)
    throw new UsageError(
      "The query and the options ask for different kinds; role: and --role are for sessions",
    );
  if (hasCursor && kinds.length > 1)
    throw new UsageError("--cursor goes on with one kind: add --knowledge or --sessions");
  return kinds;
}
