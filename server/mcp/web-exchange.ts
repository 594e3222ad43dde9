import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Only the path counts: the Host was checked before, and no tool looks at it. */
const ORIGIN = "http://localhost";

/** A POST as the SDK takes it. It has no body: that is parsed already, and the SDK is given it beside the request. */
export function webRequest({ url = "/", headers }: IncomingMessage, signal: AbortSignal): Request {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === "string") copied.set(name, value);
  return new Request(`${ORIGIN}${url}`, { method: "POST", headers: copied, signal });
}

/** Sends what the SDK answers: one JSON text at once, events as they come. Ends early, without an error, when the caller goes. */
export async function sendWebResponse(answer: Response, response: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(answer.headers);
  if (answer.body !== null && headers["content-type"]?.startsWith("text/event-stream") === true)
    return sendEvents(answer.body, response.writeHead(answer.status, headers));
  const body = await answer.bytes();
  const length = answer.body === null ? {} : { "content-length": body.length };
  response.writeHead(answer.status, { ...headers, ...length }).end(body);
}

async function sendEvents(events: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  // Told now that an answer is under way, whenever the first event comes.
  response.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(events), response);
  } catch (error) {
    // Either the caller has gone, or the answer broke off: then it is the connection that tells.
    if (!response.destroyed) throw error;
  }
}
