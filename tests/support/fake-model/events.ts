import type { ServerResponse } from "node:http";

/** Writes one event of a stream; its type stands in its data too, as both model services have it. */
export function event(response: ServerResponse, type: string, data: object): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}
