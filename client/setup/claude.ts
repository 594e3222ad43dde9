import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { transcriptPlaces } from "../archive/places.ts";
import type { JsonWant } from "../edit/json-insert.ts";
import { isJsonObject, valueOf } from "../edit/json-value.ts";
import { parseJsonc, type Json } from "../edit/jsonc.ts";
import { VARIABLES, type Environment } from "../home/home.ts";
import { commandLine, type Programs } from "./programs.ts";

/** Files of Claude Code. */
export interface ClaudePlaces {
  readonly folder: string;
  /** Hooks and permissions. */
  readonly settings: string;
  /** MCP servers, among much else. */
  readonly servers: string;
}

/** What Claude Code is told of a server. */
export type ServerEntry = { [name: string]: Json };

/** Tells our headers from those that a person wrote; servers pass over it. */
const MARK = { name: "X-Installed-By", value: "memory-sync" } as const;
const HELPER = /\bmemory-sync(?:\.cmd)?['"] mcp-headers$/;

/** Where Claude Code keeps its settings: both files move with CLAUDE_CONFIG_DIR. */
export function claudePlaces({ env, userHome }: Environment): ClaudePlaces {
  const { claude: folder } = transcriptPlaces(env, userHome);
  const isMoved = (env[VARIABLES.claudeFolder] ?? "") !== "";
  return {
    folder,
    settings: join(folder, "settings.json"),
    servers: join(isMoved ? folder : userHome, ".claude.json"),
  };
}

/** The server as Claude Code is told of it. It holds no secret: the header comes from a command of ours. */
export function claudeServer(programs: Programs, url: string): ServerEntry {
  return { type: "http", url, headersHelper: commandLine(programs, "mcp-headers") };
}

/** The same for a Claude Code that knows no such command. Its file holds the token then. */
export function claudeServerWithToken(url: string, aiToken: string): ServerEntry {
  return { type: "http", url, headers: { Authorization: `Bearer ${aiToken}`, [MARK.name]: MARK.value } };
}

export function claudeServerWant(name: string, entry: ServerEntry): JsonWant {
  return {
    path: ["mcpServers", name],
    at: "property",
    value: entry,
    isOurs: isOurServer,
    isStale: (value) =>
      !isJsonObject(value) ||
      ["url", "headersHelper", "headers"].some((key) => !isDeepStrictEqual(value[key], entry[key])),
  };
}

/** Lets Claude Code use the server's tools without asking. */
export function allowWant(name: string): JsonWant {
  const value = `mcp__${name}`;
  return { path: ["permissions", "allow"], at: "element", value, isOurs: (held) => held === value };
}

/** The MCP servers in a text of settings, by their names; none where it cannot be read. */
export function serversIn(text: string): [name: string, entry: Json][] {
  const { root } = parseJsonc(text);
  const whole = root && valueOf(root);
  const servers = isJsonObject(whole) ? whole["mcpServers"] : undefined;
  return isJsonObject(servers) ? Object.entries(servers) : [];
}

const BRIDGE = /(?:^|[\\/])memory-sync(?:\.cmd|\.mjs)?$/;
/** What leads a bridge elsewhere than to the server of the client's settings. */
const ELSEWHERE = {
  options: /^--(?:local|url)\b/,
  variables: [VARIABLES.url, VARIABLES.memoryFolder],
} as const;

/** True for a server that a person wrote, and that is `memory-sync mcp`: the bridge to the server of the client's settings. */
export function isBridge(value: Json): boolean {
  const { command, args, env } = isJsonObject(value) ? value : {};
  if (typeof command !== "string" || !Array.isArray(args)) return false;
  const words = [command, ...args].filter((word) => typeof word === "string");
  const at = words.findIndex((word) => BRIDGE.test(word));
  if (at === -1 || words[at + 1] !== "mcp" || words.some((word) => ELSEWHERE.options.test(word)))
    return false;
  return !isJsonObject(env) || ELSEWHERE.variables.every((name) => env[name] === undefined);
}

/** True for a server that an install of ours wrote. */
export function isOurServer(value: Json): boolean {
  const { headersHelper: helper, headers } = isJsonObject(value) ? value : {};
  if (isJsonObject(headers)) return headers[MARK.name] === MARK.value;
  return typeof helper === "string" && HELPER.test(helper);
}
