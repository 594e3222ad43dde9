import type { RequestHandler } from "express";
import type { Authenticator } from "./authenticate.ts";
import { HttpError } from "./http-error.ts";
import { readJson } from "./json-body.ts";
import type { HttpParts } from "./parts.ts";

/** POST is the protocol; GET and DELETE were its stream and its end in older revisions, and the MCP handler answers them. */
const ALLOWED = ["POST", "GET", "DELETE"];

/** `/mcp`: the caller is known and the body checked before the MCP handler sees the request. */
export function rpcEndpoint(parts: Pick<HttpParts, "mcp">, authenticator: Authenticator): RequestHandler {
  return async (request, response) => {
    response.locals.facts.route = "/mcp";
    const principal = authenticator.identify(request, response, ["ai", "sync"]);
    if (!ALLOWED.includes(request.method))
      throw new HttpError(405, "invalid_input", `This endpoint takes POST, not ${request.method}`, {
        headers: { Allow: ALLOWED.join(", ") },
      });
    const body = request.method === "POST" ? await readJson(request, response) : undefined;
    const auth = { token: "", clientId: principal.id, scopes: [principal.role], extra: { principal } };
    await parts.mcp.handle(Object.assign(request, { auth }), response, body);
  };
}
