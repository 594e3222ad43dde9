import type { RequestHandler, Response } from "express";
import type { Log } from "../observe/log.ts";
import { clientAddress } from "./address.ts";
import { newFacts } from "./facts.ts";

/** Gives every request its id and, when it is over, its one line in the log. */
export function requestLog(log: Log, trustProxy: boolean): RequestHandler {
  return (request, response, next) => {
    const facts = newFacts(clientAddress(request, trustProxy));
    response.locals.facts = facts;
    response.setHeader("X-Request-Id", facts.id);
    const bytesBefore = request.socket.bytesWritten;
    response.once("close", () => {
      log.info(
        { ...outcome(response), method: request.method, bytes: request.socket.bytesWritten - bytesBefore },
        "request",
      );
    });
    next();
  };
}

function outcome(response: Response): Record<string, string | number | boolean | undefined> {
  const { id, address, route, principalId, startedMs } = response.locals.facts;
  return {
    event: "request",
    request_id: id,
    route,
    status: response.headersSent ? response.statusCode : undefined,
    ms: Math.round(performance.now() - startedMs),
    principal: principalId,
    address,
    aborted: response.writableFinished ? undefined : true,
  };
}
