import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../contract/limits.ts";
import { faultBody, ProxyFault } from "./fault.ts";

/**
 * Ends an exchange that failed: with an answer while none has begun, else by cutting the connection, so that no client takes
 * half an answer for a whole one. Does nothing for a client that is gone.
 */
export function endWithFault(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) return cut(request, response);
  const fault = error instanceof ProxyFault ? error : internal(error);
  const body = faultBody(fault);
  response.writeHead(fault.status, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
  discardRest(request);
}

/** What is still sent of a refused body is read and forgotten for a moment, else the client might not see the answer. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.on("error", () => undefined).resume();
  const late = setTimeout(() => request.destroy(), LIMITS.http.lingerMs);
  request.once("close", () => clearTimeout(late));
}

/** Without chunks an orderly end of the connection would look like the end of the answer. */
function cut(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersion === "1.0") response.socket?.resetAndDestroy();
  response.destroy();
}

/** A mistake of ours: its own message might hold anything. */
function internal(cause: unknown): ProxyFault {
  return new ProxyFault(500, "The memory proxy failed; its log says why", { cause });
}
