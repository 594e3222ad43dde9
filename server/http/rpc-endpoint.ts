import type { RequestHandler } from "express";
import type { Authenticator } from "./authenticate.ts";
import type { BodyBuffer } from "./body-buffer.ts";
import { readJson } from "./json-body.ts";
import type { HttpParts } from "./parts.ts";

interface RpcParts {
  mcp: HttpParts["mcp"];
  authenticator: Authenticator;
  bodies: BodyBuffer;
}

/** `/mcp`: the caller is known and the body checked before the MCP handler sees the request. */
export function rpcEndpoint({ mcp, authenticator, bodies }: RpcParts): RequestHandler {
  return async (request, response) => {
    response.locals.facts.route = "/mcp";
    const principal = authenticator.identify(request, response, ["ai", "sync"]);
    const body = request.method === "POST" ? await readJson(bodies, request, response) : undefined;
    await mcp.handle(request, response, { principal, requestId: response.locals.facts.id, body });
  };
}
