import type { Response } from "express";
import type { AppError } from "../../contract/errors.ts";
import type { ErrorBody } from "../../contract/wire.ts";
import { InvalidJson } from "./json-body.ts";

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;

/** A failure before the MCP handler was reached, in the words of JSON-RPC. The status is set already. */
export function sendRpcFailure(
  failure: AppError | undefined,
  { error }: ErrorBody,
  response: Response,
): void {
  const { message, hint, ...data } = error;
  response.json({
    jsonrpc: "2.0",
    id: null,
    error: {
      code: rpcCode(failure, response.statusCode),
      message: hint === undefined ? message : `${message}. ${hint}`,
      data,
    },
  });
}

/** Codes of JSON-RPC where it has one, else the HTTP status, which lies outside the range JSON-RPC keeps for itself. */
function rpcCode(failure: AppError | undefined, status: number): number {
  if (failure === undefined) return INTERNAL_ERROR;
  if (failure instanceof InvalidJson) return PARSE_ERROR;
  return failure.code === "invalid_input" ? INVALID_REQUEST : status;
}
