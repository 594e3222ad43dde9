import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { ROLES } from "../../contract/wire.ts";
import type { Gate } from "../access/open.ts";
import type { Caller } from "./caller.ts";
import { complete } from "./completion.ts";
import { answerOrProtocolError, type Log, logBug } from "./failure.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { PROMPTS, promptNamed } from "./prompts.ts";
import { listResources, readResource, RESOURCE_TEMPLATE } from "./resources.ts";
import { errorResult, internalResult } from "./result.ts";
import { type Call, type Reach, reachOf } from "./opening.ts";
import { TOOLS } from "./tools/index.ts";

/** The lists are part of the program; only the one of tools depends on the token, so only it is not shared. */
const OPTIONS = {
  instructions: INSTRUCTIONS,
  capabilities: {
    tools: { listChanged: false },
    prompts: { listChanged: false },
    resources: { listChanged: false },
    completions: {},
  },
  cacheHints: {
    "server/discover": { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "public" },
    "tools/list": { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "private" },
    "prompts/list": { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "public" },
    "resources/templates/list": { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "public" },
    "resources/list": { ttlMs: LIMITS.mcp.resourcesFreshMs, cacheScope: "private" },
  },
} as const;

const TOOL_BY_NAME = new Map(TOOLS.map((tool) => [tool.name, tool]));
const TOOLS_OF_ROLE = new Map(
  ROLES.map((role) => [role, TOOLS.filter(({ roles }) => roles.includes(role)).map(({ listed }) => listed)]),
);
const LISTED_PROMPTS = PROMPTS.map(({ listed }) => listed);

interface Serving {
  gate: Gate;
  version: string;
  log: Log;
  caller: Caller;
}

/**
 * A server object for one request of one caller. The low-level `Server` is used because the list of tools depends
 * on the role, a refused tool is to say which role it needs, and resource addresses must be seen as they were sent.
 */
export function createServer(serving: Serving): Server {
  const server = new Server(
    { name: "federated-memory", title: "Federated memory", version: serving.version },
    OPTIONS,
  );
  serveTools(server, serving);
  servePrompts(server, serving);
  serveResources(server, serving);
  serveCompletion(server, serving);
  return server;
}

function serveTools(server: Server, serving: Serving): void {
  const { role } = serving.caller.principal;
  server.setRequestHandler("tools/list", () => ({ tools: [...(TOOLS_OF_ROLE.get(role) ?? [])] }));
  server.setRequestHandler("tools/call", ({ params }, context) =>
    callTool(params.name, params.arguments, serving, context),
  );
}

function servePrompts(server: Server, serving: Serving): void {
  server.setRequestHandler("prompts/list", () => ({ prompts: [...LISTED_PROMPTS] }));
  server.setRequestHandler("prompts/get", ({ params }, { mcpReq }) =>
    answer(serving, mcpReq.method, (reach) =>
      promptNamed(params.name).get(params.arguments, reach, mcpReq.signal),
    ),
  );
}

function serveResources(server: Server, serving: Serving): void {
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [RESOURCE_TEMPLATE] }));
  server.setRequestHandler("resources/list", ({ params }, { mcpReq }) =>
    answer(serving, mcpReq.method, (reach) => listResources(reach, params?.cursor)),
  );
  server.setRequestHandler("resources/read", ({ params }, { mcpReq }) =>
    answer(serving, mcpReq.method, (reach) => readResource(reach, params.uri)),
  );
}

function serveCompletion(server: Server, serving: Serving): void {
  server.setRequestHandler("completion/complete", ({ params: { argument, context } }, { mcpReq }) =>
    answer(serving, mcpReq.method, async (reach) => ({
      completion: await complete(reach, argument, context?.arguments?.["workspace_id"]),
    })),
  );
}

/** Answers what is no tool call: every failure becomes a JSON-RPC error. */
function answer<T>(
  { gate, log, caller }: Serving,
  what: string,
  work: (reach: Reach) => Promise<T>,
): Promise<T> {
  const { principal, requestId } = caller;
  return answerOrProtocolError(() => work(reachOf(gate, principal)), { log, what, requestId });
}

async function callTool(
  name: string,
  given: unknown,
  { gate, log, caller }: Serving,
  context: ServerContext,
): Promise<CallToolResult> {
  const tool = TOOL_BY_NAME.get(name);
  if (tool === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "Unknown tool; tools/list shows the tools of this token",
    );
  const call: Call = {
    gate,
    principal: caller.principal,
    header: (header) => context.http?.req?.headers.get(header) ?? undefined,
    signal: context.mcpReq.signal,
  };
  try {
    return await tool.call(given, call);
  } catch (error) {
    if (error instanceof AppError) return errorResult(error);
    if (call.signal.aborted)
      return errorResult(new AppError("unavailable", "the call was cancelled", { cause: error }));
    return internalResult(logBug(log, `tools/call ${name}`, error, caller.requestId));
  }
}
