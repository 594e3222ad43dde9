import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../contract/limits.ts";
import type { BodyBuffer } from "./body-buffer.ts";
import { HttpError } from "./http-error.ts";
import { jsonShapeFault } from "./json-shape.ts";

/** The body as JSON: media type, size, depth, number of elements, UTF-8 and grammar are checked, in this order. */
export async function readJson(
  buffer: BodyBuffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<unknown> {
  assertJsonType(request);
  return parseJson(await buffer.read(request, response, LIMITS.json.bodyBytes));
}

/** Throws 400 `invalid_input`. The message never repeats the text. */
export function parseJson(bytes: Uint8Array): unknown {
  const fault = jsonShapeFault(bytes);
  if (fault !== undefined) throw new HttpError(400, "invalid_input", `The JSON body is refused: ${fault}`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new InvalidJson(error);
  }
}

/** Not JSON at all; JSON-RPC has a code of its own for it. */
export class InvalidJson extends HttpError {
  constructor(cause: unknown) {
    super(400, "invalid_input", "The body is not valid JSON in UTF-8", { cause });
  }
}

/** Other media types are refused: a web page can send those without asking the browser's leave first. */
function assertJsonType(request: IncomingMessage): void {
  assertPlainEncoding(request);
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers["content-type"] ?? ""))
    throw new HttpError(415, "invalid_input", "Content-Type must be application/json");
}

/** Throws 415 for a compressed body where only a plain one is taken. */
export function assertPlainEncoding(request: IncomingMessage): void {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity")
    throw new HttpError(415, "invalid_input", "This body must not have a Content-Encoding", {
      headers: { "Accept-Encoding": "identity" },
    });
}
