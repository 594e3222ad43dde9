import { createMcpHandler, ProtocolError, Server } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { headersOf } from "../../client/mcp/headers.ts";
import { MemoryServer } from "../../client/mcp/memory-server.ts";
import type { Message } from "../../client/mcp/message-lines.ts";
import { SharedFolder } from "../../client/memories/shared-folder.ts";
import { LIMITS } from "../../contract/limits.ts";
import { MEMORY_TOOL_DESCRIPTION } from "../../memory-tool/command.ts";
import { tempFolder } from "../support/temp-folder.ts";

const TOOL = "memory_20250818";
const FRESH = { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "private" } as const;
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

const legacy = (method: string, params: object = {}): Message => ({ jsonrpc: "2.0", id: 1, method, params });
const modern = (method: string, params: object = {}, meta: object = META): Message =>
  legacy(method, { ...params, _meta: meta });
const starting = (protocolVersion: string): Message =>
  legacy("initialize", { protocolVersion, capabilities: {}, clientInfo: { name: "t", version: "1" } });

const VIEW = { name: TOOL, arguments: { command: "view", path: "/memories" } };
const MESSAGES: Record<string, Message> = {
  ...Object.fromEntries(
    ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07", "2026-07-28", "1999-01-01"].map(
      (version) => [`initialize ${version}`, starting(version)],
    ),
  ),
  ping: legacy("ping"),
  list: legacy("tools/list"),
  call: legacy("tools/call", VIEW),
  "another tool": legacy("tools/call", { name: "memory" }),
  "no tool": legacy("tools/call"),
  "arguments that are none": legacy("tools/call", { name: TOOL, arguments: "view" }),
  "no arguments": legacy("tools/call", { name: TOOL }),
  "an unknown method": legacy("no/such"),
  prompts: legacy("prompts/list"),
  "discover without its era": legacy("server/discover"),
  "a notification": { jsonrpc: "2.0", method: "notifications/initialized" },
  "an answer": { jsonrpc: "2.0", id: 1, result: {} },
  "no JSON-RPC": { id: 1, method: "ping" },
  "the id null": { jsonrpc: "2.0", id: null, method: "ping" },
  "an id of text": { jsonrpc: "2.0", id: "a", method: "ping" },
  "an id of a fraction": { jsonrpc: "2.0", id: 1.5, method: "ping" },
  nothing: {},
  "modern: discover": modern("server/discover"),
  "modern: list": modern("tools/list"),
  "modern: call": modern("tools/call", VIEW),
  "modern: another tool": modern("tools/call", { name: "memory" }),
  "modern: ping": modern("ping"),
  "modern: initialize": modern("initialize"),
  "modern: a revision to come": modern("tools/list", {}, { ...META, ...version("2027-01-01") }),
  "modern: an old revision": modern("tools/list", {}, { ...META, ...version("2025-11-25") }),
  "modern: a revision that is none": modern("tools/list", {}, { ...META, ...version(7) }),
  "modern: no capabilities": modern("tools/list", {}, version("2026-07-28")),
  "modern: a notification": { jsonrpc: "2.0", method: "notifications/x", params: { _meta: META } },
};

function version(revision: unknown): object {
  return { "io.modelcontextprotocol/protocolVersion": revision };
}

const Listed = z.object({ result: z.object({ tools: z.array(z.any()) }) });
const Called = z.object({ result: z.record(z.string(), z.any()) });

/** The same tool, served by the protocol's own package. */
function reference(ours: MemoryServer): (message: Message) => Promise<unknown> {
  const { fetch } = createMcpHandler(() => {
    const server = new Server(
      { name: "memory", version: "1.2.3" },
      {
        instructions: MEMORY_TOOL_DESCRIPTION,
        capabilities: { tools: { listChanged: false } },
        cacheHints: { "server/discover": FRESH, "tools/list": FRESH },
      },
    );
    server.setRequestHandler(
      "tools/list",
      async () => Listed.parse(await ours.answer(legacy("tools/list"))).result,
    );
    server.setRequestHandler("tools/call", async ({ params }) => {
      if (params.name !== TOOL) throw new ProtocolError(-32_602, `Unknown tool; there is ${TOOL} only`);
      const { result } = Called.parse(await ours.answer(legacy("tools/call", params)));
      return { content: [], ...result };
    });
    return server;
  });
  return async (message) => {
    const headers = {
      ...headersOf(message, undefined),
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    };
    const init = { method: "POST", headers, body: JSON.stringify(message) };
    const text = await (await fetch(new Request("http://localhost/mcp", init))).text();
    return text === "" ? undefined : JSON.parse(text.replace(/^event: message\ndata: /, ""));
  };
}

/** Errors by their codes and data: the package explains what is wrong in other words. */
function comparable(answer: unknown): unknown {
  const { error, ...rest } = Object(answer);
  if (error === undefined) return answer;
  const isSpecific = error.code === -32_022;
  return { ...rest, error: { code: error.code, ...(isSpecific && { data: error.data }) } };
}

describe("the server of a memory in a folder", () => {
  it.each(Object.entries(MESSAGES))("answers as the protocol's own package does: %s", async (_, message) => {
    await using folder = await tempFolder();
    const server = new MemoryServer(await SharedFolder.open(folder.path), "1.2.3");

    const answer = await server.answer(message);

    // Of the copy nothing is left that JSON does not hold.
    const ours = answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
    expect(comparable(ours)).toEqual(comparable(await reference(server)(message)));
  });
});
