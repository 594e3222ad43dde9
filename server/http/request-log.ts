import type { Socket } from "node:net";
import type { Request, RequestHandler, Response } from "express";
import { clientAddress } from "./address.ts";
import { newFacts } from "./facts.ts";
import type { HttpParts } from "./parts.ts";

/** Gives every request its id and, when it is over, its one line in the log and its part in what is counted. */
export function requestLog({
  log,
  config,
  metrics,
}: Pick<HttpParts, "log" | "config" | "metrics">): RequestHandler {
  const arrived = new ArrivedBytes();
  return (request, response, next) => {
    const facts = newFacts(clientAddress(request, config.trustProxy));
    response.locals.facts = facts;
    response.setHeader("X-Request-Id", facts.id);
    const bytesBefore = request.socket.bytesWritten;
    response.once("close", () => {
      const ended = endOf(request, response, { bytesOut: request.socket.bytesWritten - bytesBefore });
      log.info(lineOf(response, ended), "request");
      metrics.requests.ended({ ...ended, bytesIn: arrived.since(request.socket) });
    });
    next();
  };
}

interface End {
  method: string;
  route: string;
  status: number | undefined;
  seconds: number;
  bytesOut: number;
}

function endOf(request: Request, response: Response, { bytesOut }: Pick<End, "bytesOut">): End {
  const { route, startedMs } = response.locals.facts;
  return {
    method: request.method,
    route,
    status: response.headersSent ? response.statusCode : undefined,
    seconds: (performance.now() - startedMs) / 1000,
    bytesOut,
  };
}

function lineOf(
  response: Response,
  { method, route, status, seconds, bytesOut }: End,
): Record<string, string | number | boolean | undefined> {
  const { id, address, principalId } = response.locals.facts;
  return {
    event: "request",
    request_id: id,
    route,
    status,
    ms: Math.round(seconds * 1000),
    principal: principalId,
    address,
    aborted: response.writableFinished ? undefined : true,
    method,
    bytes: bytesOut,
  };
}

/** Bytes that came over a connection since they were counted last: a request's head is read before anybody knows of it. */
class ArrivedBytes {
  readonly #counted = new WeakMap<Socket, number>();

  since(socket: Socket): number {
    const { bytesRead } = socket;
    const before = this.#counted.get(socket) ?? 0;
    this.#counted.set(socket, bytesRead);
    return bytesRead - before;
  }
}
