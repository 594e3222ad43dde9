import type { IncomingMessage, ServerResponse } from "node:http";
import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import { LIMITS } from "../../contract/limits.ts";
import type { Gate } from "../access/open.ts";
import { authInfoOf, type Caller, callerOf } from "./caller.ts";
import type { Log } from "./failure.ts";
import { createServer } from "./server.ts";
import { sendWebResponse, webRequest } from "./web-exchange.ts";

interface McpEndpointOptions {
  gate: Gate;
  /** Version of this program, as clients are told. */
  version: string;
  log: Log;
}

/** Who asks what. `body` is the JSON body, checked for size, depth and number of elements. */
interface McpCall extends Caller {
  body: unknown;
}

export interface McpEndpoint {
  /** Answers one authenticated request, of any method. */
  handle(request: IncomingMessage, response: ServerResponse, call: McpCall): Promise<void>;
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
  return {
    async handle(request, response, { body, ...caller }) {
      if (request.method !== "POST") return refuseMethod(response);
      const incoming = webRequest(request, goneSignal(response));
      const answer = await handler.fetch(incoming, { authInfo: authInfoOf(caller), parsedBody: body });
      return sendWebResponse(answer, response);
    },
    close: () => handler.close(),
  };
}

/** Aborted when the caller goes away before the answer is complete. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** There are no sessions, so there is no stream to open (GET) and nothing to end (DELETE). */
function refuseMethod(response: ServerResponse): void {
  const error = { code: -32_000, message: "Method not allowed: this endpoint takes POST only" };
  response
    .writeHead(405, { "content-type": "application/json", allow: "POST" })
    .end(JSON.stringify({ jsonrpc: "2.0", id: null, error }));
}
