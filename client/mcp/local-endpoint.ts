import {
  type CallToolResult,
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type Tool,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { presentable } from "../../contract/secrets.ts";
import { MEMORY_TOOL_DESCRIPTION, MEMORY_TOOL_TITLE, MemoryCommand } from "../../memory-tool/command.ts";
import { MEMORY_TOOL } from "../../memory-tool/names.ts";
import { type MemoryAnswer, runMemoryCommand } from "../../memory-tool/run.ts";
import { TEXTS } from "../../memory-tool/texts.ts";
import { describeFailure } from "../format.ts";
import type { SharedFolder } from "../memories/shared-folder.ts";
import type { Endpoint } from "./endpoint.ts";

/** Nobody asks for it: the handler wants addresses, as on the web. */
const ADDRESS = "http://localhost/mcp";

/** The memory tool alone, on the files of a folder: a server of MCP in this process, for both eras of the protocol. */
export function localEndpoint(memory: SharedFolder, version: string): Endpoint {
  const handler = createMcpHandler(() => memoryServer(memory, version));
  return (message, { headers, signal }) => {
    const body = JSON.stringify(message);
    const init = { method: "POST", headers: { ...headers, ...ACCEPTED }, body, signal };
    return handler.fetch(new Request(ADDRESS, init), { parsedBody: message });
  };
}

const ACCEPTED = {
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
} as const;

/** The name and the description that programs know from the first memory server for Claude Code. */
const NAME = "memory";
const LISTED: Tool = {
  name: MEMORY_TOOL,
  title: MEMORY_TOOL_TITLE,
  description: "Persistent memory tool for Claude Code (file-backed storage).",
  // The copy drops what zod attaches for itself and does not print.
  inputSchema: {
    ...JSON.parse(JSON.stringify(z.toJSONSchema(MemoryCommand, { io: "input" }))),
    type: "object",
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  _meta: { "anthropic/alwaysLoad": true },
};

function memoryServer(memory: SharedFolder, version: string): Server {
  const server = new Server(
    { name: NAME, version },
    { instructions: MEMORY_TOOL_DESCRIPTION, capabilities: { tools: { listChanged: false } } },
  );
  server.setRequestHandler("tools/list", () => ({ tools: [LISTED] }));
  server.setRequestHandler("tools/call", ({ params }) => {
    if (params.name === MEMORY_TOOL) return callTool(memory, params.arguments);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool; there is ${MEMORY_TOOL} only`);
  });
  return server;
}

async function callTool(memory: SharedFolder, given: unknown): Promise<CallToolResult> {
  const parsed = MemoryCommand.safeParse(given ?? {});
  if (!parsed.success) return rendered({ text: TEXTS.failed(faultsIn(parsed.error)), isError: true });
  try {
    return rendered(await run(memory, parsed.data));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return rendered({ text: TEXTS.failed(describeFailure(error)), isError: true });
  }
}

/** An edit reads and writes: nobody else's change comes between, so none is ever in vain. */
function run(memory: SharedFolder, command: MemoryCommand): Promise<MemoryAnswer> {
  if (command.command === "view") return runMemoryCommand(memory, command);
  return memory.alone((files) => runMemoryCommand(files, command));
}

function faultsIn(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

function rendered(answer: MemoryAnswer): CallToolResult {
  if ("image" in answer) return { content: [{ type: "image", ...answer.image }] };
  return { content: [{ type: "text", text: presentable(answer.text) }], isError: answer.isError };
}
