import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { AppError } from "../../contract/errors.ts";
import { describeError, internalMessage } from "./result.ts";

/** Where failures are told to the owner of the server. */
export interface Log {
  error(facts: object, message: string): void;
  debug(facts: object, message: string): void;
}

/** Logs a failure that is a bug, and gives the id under which it can be found. */
export function logBug(log: Log, what: string, error: unknown, requestId: string): string {
  log.error({ event: "mcp_failure", request_id: requestId, what, err: error }, "MCP request failed");
  return requestId;
}

/** Runs what answers a request that is no tool call, where every failure becomes a JSON-RPC error. */
export async function answerOrProtocolError<T>(
  work: () => Promise<T>,
  context: { log: Log; what: string; requestId: string },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    if (error instanceof AppError)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, describeError(error), { code: error.code });
    const requestId = logBug(context.log, context.what, error, context.requestId);
    throw new ProtocolError(ProtocolErrorCode.InternalError, internalMessage(requestId));
  }
}
