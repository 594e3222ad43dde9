import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { isObject, type JsonObject } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { decoderOf, isTooMuch } from "./decode.ts";
import { ProxyFault } from "./fault.ts";

/** A request's body that is understood. */
export interface RequestBody {
  /** As the client sent it, perhaps encoded. */
  raw: Buffer;
  /** Not encoded; the very same Buffer where it never was. */
  bytes: Buffer;
  parsed: JsonObject;
}

/** Reads a body whole that must be an object of JSON. Throws ProxyFault: 400, or 413 beyond `proxy.bodyBytes`. */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const raw = await held(request, LIMITS.proxy.bodyBytes, tooLarge);
  const bytes = await decoded(raw, request.headers["content-encoding"]);
  return { raw, bytes, parsed: objectIn(bytes) };
}

/** A stream's bytes, all in memory. Throws what `tooMuch` makes when there are more than so many. */
export async function held(stream: Readable, bytes: number, tooMuch: () => ProxyFault): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not an async iterator: ending one early destroys the connection, and the client would never see why.
  await new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytes) reject(tooMuch());
      else chunks.push(chunk);
    });
    stream.once("end", resolve).once("error", reject);
    stream.once("close", () => reject(new Error("the body broke off")));
  });
  const [only = Buffer.alloc(0)] = chunks;
  return chunks.length < 2 ? only : Buffer.concat(chunks, size);
}

async function decoded(raw: Buffer, encoding: string | undefined): Promise<Buffer> {
  const decoder = decoderOf(encoding);
  if (decoder === "none") return raw;
  if (decoder === "unknown")
    throw new ProxyFault(400, "The body's content-encoding must be gzip, deflate or br");
  try {
    return await decoder.whole(raw, { maxOutputLength: LIMITS.proxy.bodyBytes });
  } catch (error) {
    if (isTooMuch(error)) throw tooLarge();
    throw new ProxyFault(400, "The body is not encoded as its content-encoding says", { cause: error });
  }
}

function tooLarge(): ProxyFault {
  return new ProxyFault(
    413,
    `The body is larger than the ${LIMITS.proxy.bodyBytes} bytes that the memory proxy holds`,
  );
}

function objectIn(bytes: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ProxyFault(400, "The body is not valid JSON", { cause: error });
  }
  if (isObject(parsed)) return parsed;
  throw new ProxyFault(400, "The body must be a JSON object");
}
