import {
  SEARCH_MODES,
  TURN_ROLES,
  type KnowledgeAnswer,
  type KnowledgeHit,
  type SessionAnswer,
  type SessionHit,
} from "../../contract/search.ts";
import { formatTime, plain } from "../format.ts";
import type { Output } from "../output.ts";
import { defineCommand, UsageError } from "./command.ts";
import { choiceOption, countOption } from "./paging.ts";

/** What the command prints with --json. */
interface Found {
  knowledge?: KnowledgeAnswer;
  sessions?: SessionAnswer;
}

export const search = defineCommand({
  name: "search",
  summary: "Search knowledge and sessions on the server",
  positionals: "<words…>",
  options: {
    knowledge: { type: "boolean", summary: "Only knowledge files" },
    sessions: { type: "boolean", summary: "Only sessions" },
    mode: { type: "string", value: "MODE", summary: `${SEARCH_MODES.join(", ")} (default ranked)` },
    workspace: { type: "string", value: "ID", summary: "Only in this workspace" },
    machine: { type: "string", value: "NAME", summary: "Only of this machine" },
    tool: { type: "string", value: "NAME", summary: "Only of this tool" },
    project: { type: "string", value: "NAME", summary: "Only of this project" },
    after: { type: "string", value: "TIME", summary: "Only what was written at or after this date or time" },
    before: { type: "string", value: "TIME", summary: "Only what was written before this date or time" },
    role: { type: "string", value: "ROLE", summary: `Only lines of sessions by: ${TURN_ROLES.join(", ")}` },
    limit: { type: "string", value: "N", summary: "Hits of each kind (default 20)" },
    cursor: { type: "string", value: "CURSOR", summary: "Go on where an earlier search of one kind ended" },
  },
  details: "Prints an address with every hit; `memory-sync read ADDRESS` opens it.",
  async run(context, args) {
    if (args.positionals.length === 0) throw new UsageError("search wants something to look for");
    const role = choiceOption(args, "role", TURN_ROLES);
    const kinds = kindsOf({
      knowledge: args.flag("knowledge"),
      sessions: args.flag("sessions"),
      onlySessions: role !== undefined,
      single: args.option("cursor") !== undefined,
    });
    const query = {
      query: args.positionals.join(" "),
      mode: choiceOption(args, "mode", SEARCH_MODES),
      workspace_id: args.option("workspace"),
      machine: args.option("machine"),
      tool: args.option("tool"),
      project: args.option("project"),
      after: args.option("after"),
      before: args.option("before"),
      limit: countOption(args, "limit"),
      cursor: args.option("cursor"),
    };
    const reader = await context.reader();

    const found: Found = {};
    if (kinds.knowledge) found.knowledge = await reader.searchKnowledge(query);
    if (kinds.sessions) found.sessions = await reader.searchSessions({ ...query, role });

    show(found, context.output);
    return "ok";
  },
});

interface Wishes {
  knowledge: boolean;
  sessions: boolean;
  /** A filter that only sessions have. */
  onlySessions: boolean;
  /** A cursor belongs to one kind. */
  single: boolean;
}

function kindsOf(wishes: Wishes): { knowledge: boolean; sessions: boolean } {
  if (wishes.onlySessions && wishes.knowledge && !wishes.sessions)
    throw new UsageError("--role is for sessions; knowledge files have no roles");
  const both = wishes.knowledge === wishes.sessions;
  const kinds = {
    knowledge: !wishes.onlySessions && (both || wishes.knowledge),
    sessions: wishes.onlySessions || both || wishes.sessions,
  };
  if (wishes.single && kinds.knowledge && kinds.sessions)
    throw new UsageError("--cursor goes on with one kind: add --knowledge or --sessions");
  return kinds;
}

function show(found: Found, output: Output): void {
  if (output.json) output.print(JSON.stringify(found));
  else {
    for (const hit of found.knowledge?.hits ?? []) output.print(knowledgeText(hit, output));
    for (const hit of found.sessions?.hits ?? []) output.print(sessionText(hit, output));
  }
  for (const [kind, answer] of Object.entries(found)) sayRest(kind, answer, output);
  const hits = (found.knowledge?.hits.length ?? 0) + (found.sessions?.hits.length ?? 0);
  if (hits === 0) output.say("Nothing found.");
}

function knowledgeText(hit: KnowledgeHit, output: Output): string {
  const head = [
    output.paint("cyan", plain(hit.anchor)),
    output.paint("dim", formatTime(hit.time)),
    plain(hit.title),
  ];
  return `${head.join("  ")}\n    ${plain(hit.snippet)}`;
}

function sessionText(hit: SessionHit, output: Output): string {
  const also = hit.more_lines?.length ? `also lines ${hit.more_lines.join(", ")}` : "";
  const head = [
    output.paint("cyan", plain(hit.anchor)),
    output.paint("dim", formatTime(hit.time)),
    hit.role,
    also,
  ];
  return `${head.filter((part) => part !== "").join("  ")}\n    ${plain(hit.snippet)}`;
}

function sayRest(kind: string, answer: KnowledgeAnswer | SessionAnswer, output: Output): void {
  if (answer.partial)
    output.warn(`${kind}: ${plain(answer.note ?? "not everything could be searched in time")}`);
  else if (answer.note !== undefined) output.say(`${kind}: ${plain(answer.note)}`);
  if (answer.next_cursor !== undefined)
    output.say(`More ${kind}: add --${kind} --cursor ${answer.next_cursor}`);
}
