import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../contract/limits.ts";
import { endWithFault } from "./error-answer.ts";
import { factsOf, logExchange, pathOf } from "./facts.ts";
import { ProxyFault } from "./fault.ts";
import { forward, type ForwardParts } from "./forward.ts";
import { report } from "./report.ts";
import { isAdmitted, SECRET_HEADER } from "./secret.ts";

/** One request from its head to the end of its answer, whatever happens in between: it is answered or cut, and logged. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ForwardParts,
): Promise<void> {
  // No date of ours: the client gets the API's, or none.
  response.sendDate = false;
  const started = performance.now();
  const path = pathOf(request.url ?? "/");
  const facts = factsOf(path);
  limitSilence(request, response);
  try {
    if (answersHealth(request, response, path)) return;
    assertAllowed(request, path, parts.config.secret);
    const bytesSince = sentSince(request);
    response.once("close", () => {
      const status = response.headersSent ? response.statusCode : undefined;
      const ms = performance.now() - started;
      logExchange(parts.log, facts, { status, ms, bytes: bytesSince(), isCut: !response.writableFinished });
    });
    await forward(request, response, { facts, started, parts });
  } catch (error) {
    if (!response.destroyed) report(parts.log, error, { path: facts.path, hasBegun: response.headersSent });
    endWithFault(request, response, error);
  }
}

/** Bytes that went to the client from now on. A request that is over may not know its connection any more. */
function sentSince({ socket }: IncomingMessage): () => number {
  const before = socket.bytesWritten;
  return () => socket.bytesWritten - before;
}

/** A body that stops coming holds a connection for nothing. Between two requests Node has a limit of its own. */
function limitSilence(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  request.setTimeout(LIMITS.proxy.idleMs, () => request.destroy());
  request.once("end", () => {
    if (!response.writableEnded) socket.setTimeout(0);
  });
}

function answersHealth({ method }: IncomingMessage, response: ServerResponse, path: string): boolean {
  if (path !== "/health" || (method !== "GET" && method !== "HEAD")) return false;
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": 2 });
  response.end("ok");
  return true;
}

function assertAllowed(request: IncomingMessage, path: string, secret: string | undefined): void {
  if (!isAdmitted(request, secret))
    throw new ProxyFault(401, `The memory proxy wants its secret in the header ${SECRET_HEADER}`);
  // What the API would make of dots in a path is known to it alone.
  const isPlain = path.startsWith("/v1/") && new URL(path, "http://localhost").pathname === path;
  if (!isPlain) throw new ProxyFault(404, "The memory proxy passes on what is below /v1/");
}
