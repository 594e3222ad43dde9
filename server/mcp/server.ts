import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { AppError } from "../../contract/errors.ts";
import { ROLES } from "../../contract/wire.ts";
import type { Gate } from "../access/open.ts";
import type { Caller } from "./caller.ts";
import { completePath, completeWorkspaceId, completion } from "./completion.ts";
import { answerOrProtocolError, type Log, logBug } from "./failure.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { PROMPTS, promptNamed } from "./prompts.ts";
import { listResources, readResource, RESOURCE_TEMPLATE } from "./resources.ts";
import { errorResult, internalResult } from "./result.ts";
import type { Call, Reach } from "./tool.ts";
import { TOOLS } from "./tools/index.ts";

const MINUTE_MS = 60_000;

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
    "server/discover": { ttlMs: 5 * MINUTE_MS, cacheScope: "public" },
    "tools/list": { ttlMs: 5 * MINUTE_MS, cacheScope: "private" },
    "prompts/list": { ttlMs: 5 * MINUTE_MS, cacheScope: "public" },
    "resources/templates/list": { ttlMs: 5 * MINUTE_MS, cacheScope: "public" },
    "resources/list": { ttlMs: MINUTE_MS, cacheScope: "private" },
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
  const { version, caller, gate } = serving;
  const { principal } = caller;
  const reach: Reach = {
    directory: gate.all(principal),
    read: (workspaceId) => gate.read(principal, workspaceId),
  };
  const server = new Server({ name: "federated-memory", title: "Federated memory", version }, OPTIONS);
  server.setRequestHandler("tools/list", () => ({ tools: [...(TOOLS_OF_ROLE.get(principal.role) ?? [])] }));
  server.setRequestHandler("tools/call", ({ params }, context) =>
    callTool(params.name, params.arguments, serving, context),
  );
  server.setRequestHandler("prompts/list", () => ({ prompts: [...LISTED_PROMPTS] }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [RESOURCE_TEMPLATE] }));
  const guarded = <T>(what: string, work: () => Promise<T>) =>
    answerOrProtocolError(work, { log: serving.log, what, requestId: caller.requestId });
  server.setRequestHandler("prompts/get", ({ params }, { mcpReq }) =>
    guarded("prompts/get", () => promptNamed(params.name).get(params.arguments, reach, mcpReq.signal)),
  );
  server.setRequestHandler("resources/list", ({ params }) =>
    guarded("resources/list", () => listResources(reach, params?.cursor)),
  );
  server.setRequestHandler("resources/read", ({ params }) =>
    guarded("resources/read", () => readResource(reach, params.uri)),
  );
  server.setRequestHandler("completion/complete", ({ params }) =>
    guarded("completion/complete", async () => {
      const { argument, context } = params;
      if (argument.name === "workspace_id")
        return { completion: await completeWorkspaceId(reach, argument.value) };
      if (argument.name !== "path") return { completion: completion([]) };
      const workspaceId = context?.arguments?.["workspace_id"];
      return { completion: await completePath(reach, argument.value, workspaceId) };
    }),
  );
  return server;
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
