import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import process from "node:process";
import { text } from "node:stream/consumers";
import { isSystemError } from "../disk/errno.ts";
import { CLIENT_NAMES } from "../memory-tool/names.ts";
import { ConfigError, DEFAULT_PLACE } from "./config.ts";
import { ProxyFault } from "./http/fault.ts";
import { SECRET_HEADER } from "./http/secret.ts";

/** The tool's spec, a call of it and its result: every place in which a request names it. */
function conversation(model: string): object {
  const [name] = CLIENT_NAMES;
  return {
    model,
    max_tokens: 256,
    tools: [{ name, description: "Memory", input_schema: { type: "object", properties: {} } }],
    messages: [
      { role: "user", content: "What do you remember?" },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "toolu_probe", name, input: { command: "view", path: "/memories" } },
        ],
      },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "toolu_probe", content: "4.0K\t/memories" }],
      },
    ],
  };
}

/**
 * Sends one request as a client with the tool would, and says status and body. Resolves with the exit code: 0 for an answer
 * of success. Never says the key. Throws ConfigError, or ProxyFault where nobody answers.
 */
export async function probe(
  say: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const key = env["ANTHROPIC_API_KEY"] ?? "";
  const secret = env["PROXY_SECRET"];
  const response = await answerOf(
    rootIn(env),
    {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "x-api-key": key,
      ...(secret === undefined || secret === "" ? {} : { [SECRET_HEADER]: secret }),
    },
    JSON.stringify(conversation(env["CLAUDE_MODEL"] ?? "claude-sonnet-5-5")),
  );
  const body = await text(response);
  say(`${response.statusCode}\n${key === "" ? body : body.replaceAll(key, "[key]")}`);
  return response.statusCode === 200 ? 0 : 1;
}

function rootIn({ ANTHROPIC_BASE_URL = "" }: NodeJS.ProcessEnv): string {
  const root =
    ANTHROPIC_BASE_URL === "" ? `http://${DEFAULT_PLACE.host}:${DEFAULT_PLACE.port}` : ANTHROPIC_BASE_URL;
  if (/^https?:/.test(root) && URL.canParse(root)) return root.replace(/\/+$/, "");
  throw new ConfigError("ANTHROPIC_BASE_URL: not an http(s) URL");
}

async function answerOf(
  root: string,
  headers: Record<string, string>,
  body: string,
): Promise<IncomingMessage> {
  const send = root.startsWith("https:") ? httpsRequest : httpRequest;
  const request = send(`${root}/v1/messages`, { method: "POST", headers });
  request.end(body);
  try {
    const [response] = await once(request, "response");
    return response;
  } catch (error) {
    const code = isSystemError(error) ? ` (${error.code})` : "";
    throw new ProxyFault(
      502,
      `${root} cannot be reached${code}. Is memory-proxy running there? ANTHROPIC_BASE_URL names another address`,
      { cause: error },
    );
  }
}
