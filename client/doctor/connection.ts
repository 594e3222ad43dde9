import { mcpUrl } from "../setup/address.ts";
import { claudePlaces, isBridge, isOurServer, serversIn } from "../setup/claude.ts";
import { isJsonObject } from "../edit/json-value.ts";
import type { Json } from "../edit/jsonc.ts";
import { codexPlaces } from "../setup/codex.ts";
import { commandLine } from "../setup/programs.ts";
import { envFile, envText } from "../setup/shell-files.ts";
import { ownText } from "../setup/own-files.ts";
import { commandFor, type Facts } from "./facts.ts";
import { fail, ok, type Finding } from "./finding.ts";
import { settingsText } from "./settings-file.ts";

const CLAUDE = "setup.claude-mcp";
/** Whether the clients of this machine are told of the server. Without an AI token, or where the person wants none of it, there is nothing to tell. */
export async function connectionFindings(facts: Facts): Promise<Finding[]> {
  const { clients, config, choices } = facts;
  if (config.aiToken === undefined || choices.mcp === false) return [];
  return [
    ...(clients.includes("claude") ? [await claudeFinding(facts)] : []),
    ...(clients.includes("codex") ? [await codexFinding(facts), ...(await codexTokenFindings(facts))] : []),
  ];
}

async function claudeFinding(facts: Facts): Promise<Finding> {
  const { servers: path } = claudePlaces(facts.environment);
  const { text, fault } = await settingsText(path);
  const command = commandFor(facts, `install --agents claude --mcp`);
  if (fault === undefined) return judgeClaude(facts, serversIn(text), command);
  return fail(CLAUDE, `${path}: ${fault}`, { advice: `Mend this file, then: ${command}` });
}

function judgeClaude(facts: Facts, entries: readonly [string, Json][], command: string): Finding {
  const url = mcpUrl(facts.config.url);
  const found = entries.find(([, entry]) => leadsTo(entry, url) || isBridge(entry));
  if (found === undefined) {
    const isElsewhere = entries.some(([, entry]) => isOurServer(entry));
    const what = isElsewhere ? "told of another server than this one" : "not told of the server";
    return fail(CLAUDE, `Claude Code is ${what}`, { command });
  }
  const [name, entry] = found;
  if (!isOurServer(entry) || hasOurHelper(entry, facts))
    return ok(CLAUDE, `Claude Code knows the server as "${name}"`);
  return fail(CLAUDE, "Claude Code asks a program for its token that is not the one here", { command });
}

function leadsTo(entry: Json, url: string): boolean {
  return isJsonObject(entry) && entry["url"] === url;
}

/** True also for one that has the token in itself. */
function hasOurHelper(entry: Json, { programs }: Facts): boolean {
  const helper = isJsonObject(entry) ? entry["headersHelper"] : undefined;
  return helper === undefined || helper === commandLine(programs, "mcp-headers");
}

async function codexFinding(facts: Facts): Promise<Finding> {
  const id = "setup.codex-mcp";
  const { config: path } = codexPlaces(facts.environment);
  const { text, fault } = await settingsText(path);
  const command = commandFor(facts, `install --agents codex --mcp`);
  if (fault !== undefined)
    return fail(id, `${path}: ${fault}`, { advice: `Mend this file, then: ${command}` });
  const isTold = text.includes(JSON.stringify(mcpUrl(facts.config.url)));
  return isTold ? ok(id, "Codex knows the server") : fail(id, "Codex is not told of the server", { command });
}

/** Codex takes the token from a variable, which the shell takes from a file of ours. */
async function codexTokenFindings(facts: Facts): Promise<Finding[]> {
  const { environment, config, credentials } = facts;
  const text = await ownText(envFile(environment.home));
  const token = credentials.ai_token;
  if (text === undefined || token === undefined || text === envText(token)) return [];
  const command = commandFor(facts, `install --agents codex --mcp`);
  const message = `Codex gets another token than the one of ${config.aiToken?.place ?? "this machine"}`;
  return [fail("setup.codex-mcp", message, { command })];
}
