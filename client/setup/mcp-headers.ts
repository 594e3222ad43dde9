import { readFileSync } from "node:fs";
import { parseJson } from "../../contract/json.ts";
import { isErrno } from "../../disk/errno.ts";
import { environmentOf, VARIABLES } from "../home/home.ts";
import { mcpUrl, rootOf } from "./address.ts";

/** Set by Claude Code: the server for which it asks. */
const ASKED_FOR = "CLAUDE_CODE_MCP_SERVER_URL";

/**
 * Tells Claude Code with which headers to connect: one JSON object on stdout. Claude Code starts it at every connection,
 * so it loads nothing but `node:` modules. Gives the exit code; 1 when there is no token, or another server is meant.
 */
export function printMcpHeaders(): number {
  const answer = answerFor(process.env);
  if ("problem" in answer) process.stderr.write(`error: ${answer.problem}\n`);
  else process.stdout.write(`${JSON.stringify(answer.headers)}\n`);
  return "problem" in answer ? 1 : 0;
}

type Answer = { headers: { Authorization: string } } | { problem: string };

/**
 * Otherwise than everywhere else, a file goes before a variable: Claude Code may have been started in a shell that still holds
 * an older token, and a project's settings may set variables.
 */
function answerFor(env: NodeJS.ProcessEnv): Answer {
  const { home } = environmentOf(env);
  const root = textIn(home.config, "url") ?? (env[VARIABLES.url] || undefined);
  const asked = env[ASKED_FOR];
  if (root === undefined) return { problem: "This machine is not set up; run memory-sync install" };
  // A project's settings may name any server: none but ours gets the token.
  if (asked !== undefined && asked !== mcpUrl(rootOf(root)))
    return { problem: "The token is for another server than this one" };
  const token = (textIn(home.credentials, "ai_token") ?? env[VARIABLES.aiToken])?.trim();
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token))
    return { problem: "There is no AI token; run memory-sync install" };
  return { headers: { Authorization: `Bearer ${token}` } };
}

/** A text in a file of ours; undefined when there is none. */
function textIn(path: string, key: string): string | undefined {
  const value = parseJson(read(path));
  const found: unknown =
    typeof value === "object" && value !== null
      ? Object.getOwnPropertyDescriptor(value, key)?.value
      : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return "";
    throw error;
  }
}
