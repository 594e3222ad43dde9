import { isDeepStrictEqual } from "node:util";
import { LIMITS } from "../../contract/limits.ts";
import type { JsonWant } from "../edit/json-insert.ts";
import { isJsonObject } from "../edit/json-value.ts";
import type { Json } from "../edit/jsonc.ts";
import { commandLine, type Programs } from "./programs.ts";

const END_SECONDS = LIMITS.client.hookEndMs / 1000;
const SHORT_END_SECONDS = LIMITS.client.hookShortEndMs / 1000;

/** One word of a shell's command, however it is quoted. */
const WORD = String.raw`(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;|&<>()])+`;
/** Our command alone, whichever install or person wrote it: one that does more is somebody else's. */
const OURS = new RegExp(`^(?:(${WORD}) )?(${WORD}) claude-hook$`);
const NODE = /\bnode(?:\.exe)?['"]?$/;
const PROGRAM = /\bmemory-sync(?:\.mjs|\.cmd)?['"]?$/;
const BUNDLE = /\bmemory-sync\.mjs$/;

/**
 * Hooks of Claude Code. Timeouts are seconds: without one all hooks of SessionEnd get 1.5 together. SessionStart
 * is not waited for.
 */
export function claudeHookWants(programs: Programs): JsonWant[] {
  const start = programs.windows
    ? { command: programs.node, args: [programs.bundle, "claude-hook"] }
    : { command: commandLine(programs, "claude-hook") };
  return [
    hookWant("SessionEnd", { ...start, timeout: END_SECONDS }),
    hookWant("SessionStart", { ...start, timeout: SHORT_END_SECONDS, async: true }),
    hookWant("PreCompact", { ...start, timeout: SHORT_END_SECONDS }),
  ];
}

/** The hook of Codex: its SessionEnd does not come from its daemon, and it knows no `args`. */
export function codexHookWants(programs: Programs): JsonWant[] {
  return [hookWant("Stop", { command: commandLine(programs, "claude-hook"), timeout: END_SECONDS })];
}

function hookWant(event: string, start: { command: string; [name: string]: Json }): JsonWant {
  return {
    path: ["hooks", event],
    at: "element",
    value: { hooks: [{ type: "command", ...start }] },
    isOurs: isOurHandler,
    // What a person set beside it, such as a longer timeout, stays.
    isStale: (value) => !startsSame(value, start),
  };
}

function isOurHandler(value: Json): boolean {
  if (!isJsonObject(value) || typeof value["command"] !== "string") return false;
  const { command, args } = value;
  if (!Array.isArray(args)) return isOurCommand(command);
  const [program, name] = args;
  return name === "claude-hook" && typeof program === "string" && BUNDLE.test(program);
}

function isOurCommand(command: string): boolean {
  const [, runner, program = ""] = OURS.exec(command) ?? [];
  return PROGRAM.test(program) && (runner === undefined || NODE.test(runner));
}

function startsSame(value: Json, { command, args }: { command: string; [name: string]: Json }): boolean {
  return isJsonObject(value) && value["command"] === command && isDeepStrictEqual(value["args"], args);
}
