import type { ErrorRequestHandler, Request, Response } from "express";
import { AppError, type ErrorCode } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import type { ErrorBody } from "../../contract/wire.ts";
import type { Log } from "../observe/log.ts";
import { HttpError } from "./http-error.ts";
import { sendRpcFailure } from "./rpc-error.ts";

/** The HTTP status of every code. */
export const STATUS = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  storage_full: 507,
  damaged: 503,
} as const satisfies Record<ErrorCode, number>;

const OPERATOR_CODES = new Set<ErrorCode>(["damaged", "storage_full"]);
/** Headers of the content that is not sent after all. */
const CONTENT_HEADERS = [
  "Content-Length",
  "Content-Type",
  "Content-Range",
  "Content-Disposition",
  "ETag",
  "Last-Modified",
];
/** Where failures are JSON-RPC errors. */
const RPC_ROUTE = "/mcp";

/** The one place where a failure becomes an answer. What is not an AppError is a bug: logged in full, told by its request id only. */
export function errorResponse(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const { id, route } = response.locals.facts;
    const failure = toAppError(error);
    const isGone = response.destroyed || (request.destroyed && !request.complete);
    logFailure(log, error, { request_id: id, route, is_gone: isGone });
    if (isGone || response.headersSent) {
      response.destroy();
      return;
    }
    cutSlowBody(request, response);
    sendFailure(failure, response);
  };
}

/** What the operator has to know: bugs and trouble with the disk. A caller that hung up is neither. */
function logFailure(
  log: Log,
  error: unknown,
  where: { request_id: string; route: string; is_gone: boolean },
): void {
  if (error instanceof AppError) {
    if (OPERATOR_CODES.has(error.code))
      log.error({ event: "failure", code: error.code, ...where }, error.message);
  } else if (!(error instanceof URIError) && !(where.is_gone && isHangUp(error))) {
    log.error({ event: "internal_error", ...where, err: error }, "internal error");
  }
}

function isHangUp(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === "AbortError") ||
    isErrno(error, "ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE")
  );
}

function sendFailure(failure: AppError | undefined, response: Response): void {
  const { id, route } = response.locals.facts;
  for (const name of CONTENT_HEADERS) response.removeHeader(name);
  response.set(failure instanceof HttpError ? failure.headers : {});
  if (failure?.code === "unavailable" && !response.hasHeader("Retry-After")) response.set("Retry-After", "1");
  response.status(statusOf(failure));
  const body = errorBody(failure, id);
  if (route === RPC_ROUTE) sendRpcFailure(failure, body, response);
  else response.json(body);
}

function statusOf(failure: AppError | undefined): number {
  if (failure === undefined) return 500;
  return failure instanceof HttpError ? failure.status : STATUS[failure.code];
}

function errorBody(failure: AppError | undefined, requestId: string): ErrorBody {
  if (failure === undefined)
    return {
      error: {
        code: "internal",
        message: "Something went wrong in the server; its log says more",
        request_id: requestId,
      },
    };
  const { code, message, hint, details } = failure;
  return {
    error: {
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(details && { details }),
      request_id: requestId,
    },
  };
}

/** Express throws a URIError for a path it cannot decode. */
function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof URIError)
    return new AppError("invalid_input", "The path holds a broken percent-encoding", { cause: error });
  return undefined;
}

/** Node goes on reading (and dropping) a refused body so that the caller can see the answer; not for long. */
function cutSlowBody(request: Request, response: Response): void {
  if (request.complete) return;
  response.once("finish", () => {
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, LIMITS.http.lingerMs);
    timer.unref();
    request.once("close", () => clearTimeout(timer));
  });
}
