import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import process from "node:process";
import { text } from "node:stream/consumers";
import { CLIENT_NAMES } from "../memory-tool/names.ts";

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
 * of success. Never says the key.
 */
export async function probe(
  say: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const key = env["ANTHROPIC_API_KEY"] ?? "";
  const secret = env["PROXY_SECRET"];
  const response = await answerOf(
    new URL("v1/messages", `${rootIn(env)}/`),
    {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "x-api-key": key,
      ...(secret === undefined || secret === "" ? {} : { "x-memory-proxy-secret": secret }),
    },
    JSON.stringify(conversation(env["CLAUDE_MODEL"] ?? "claude-sonnet-4-5")),
  );
  const body = await text(response);
  say(`${response.statusCode}\n${key === "" ? body : body.replaceAll(key, "[key]")}`);
  return response.statusCode === 200 ? 0 : 1;
}

function rootIn({ ANTHROPIC_BASE_URL = "" }: NodeJS.ProcessEnv): string {
  return ANTHROPIC_BASE_URL === "" ? "http://127.0.0.1:15041" : ANTHROPIC_BASE_URL.replace(/\/+$/, "");
}

async function answerOf(url: URL, headers: Record<string, string>, body: string): Promise<IncomingMessage> {
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, { method: "POST", headers });
  request.end(body);
  const [response] = await once(request, "response");
  return response;
}
