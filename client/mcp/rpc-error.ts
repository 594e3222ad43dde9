import type { JsonObject } from "../../contract/json.ts";
import type { Message } from "./message-lines.ts";

/** Codes of JSON-RPC, and of revision 2026-07-28 of MCP. */
export const RPC = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  unsupportedVersion: -32_022,
} as const;

/** Why a request is not answered with a result. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: JsonObject | undefined;

  constructor(code: number, message: string, data?: JsonObject) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The message that answers a request with an error; the id is null where the request's is not known. */
export function errorAnswer(id: unknown, { code, message, data }: RpcFailure): Message {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } };
}

interface RpcFailure {
  code: number;
  message: string;
  data?: JsonObject | undefined;
}
