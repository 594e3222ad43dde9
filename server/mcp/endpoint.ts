import type { IncomingMessage, ServerResponse } from "node:http";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import { LIMITS } from "../../contract/limits.ts";
import type { Gate } from "../access/open.ts";
import { authInfoOf, callerOf } from "./caller.ts";
import type { Log } from "./failure.ts";
import { createServer } from "./server.ts";

interface McpEndpointOptions {
  gate: Gate;
  /** Version of this program, as clients are told. */
  version: string;
  log: Log;
}

/** An authenticated request: `auth.extra.principal` says who is asking. */
interface AuthenticatedRequest extends IncomingMessage {
  auth?: { extra?: Record<string, unknown> };
}

export interface McpEndpoint {
  /**
   * Answers one authenticated request, of any method. `parsedBody` is the JSON body, checked for size, depth and
   * number of elements. The response's `X-Request-Id`, if set, is the id under which failures are logged.
   */
  handle(request: AuthenticatedRequest, response: ServerResponse, parsedBody?: unknown): Promise<void>;
  close(): Promise<void>;
}

/**
 * The MCP endpoint. Every request gets a server object of its own that knows who is asking; what does not depend on
 * that is computed once.
 */
export function createMcpEndpoint({ gate, version, log }: McpEndpointOptions): McpEndpoint {
  return serveMcp(({ authInfo }) => createServer({ gate, version, log, caller: callerOf(authInfo) }), log);
}

/** Serves what the factory makes, one server per request, to clients of both protocol eras, without sessions. */
export function serveMcp(factory: McpServerFactory, log: Log): McpEndpoint {
  // The error's message may repeat what the caller sent.
  const onerror = (error: Error) =>
    log.debug({ event: "mcp_refused", error: error.name }, "MCP request refused");
  const maxRequestBodySize = LIMITS.json.bodyBytes;
  const handler = createMcpHandler(factory, { onerror, maxRequestBodySize });
  const answer = toNodeHandler(handler, { onerror, maxRequestBodySize });
  return {
    async handle(request, response, parsedBody) {
      if (request.method !== "POST") return refuseMethod(response);
      return answer(incoming(request, response), response, parsedBody);
    },
    close: () => handler.close(),
  };
}

function incoming(request: AuthenticatedRequest, response: ServerResponse): NodeIncomingMessageLike {
  const requestId = response.getHeader("x-request-id");
  return {
    method: "POST",
    url: request.url ?? "/",
    headers: request.headers,
    auth: authInfoOf(callerOf(request.auth).principal, typeof requestId === "string" ? requestId : undefined),
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
  };
}

/** There are no sessions, so there is no stream to open (GET) and nothing to end (DELETE). */
function refuseMethod(response: ServerResponse): void {
  const error = { code: -32_000, message: "Method not allowed: this endpoint takes POST only" };
  response
    .writeHead(405, { "content-type": "application/json", allow: "POST" })
    .end(JSON.stringify({ jsonrpc: "2.0", id: null, error }));
}
