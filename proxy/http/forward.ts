import type { IncomingMessage, ServerResponse } from "node:http";
import { sendAnswer } from "./answer-body.ts";
import type { ProxyConfig } from "../config.ts";
import { learn, type Facts } from "./facts.ts";
import { toUpstream } from "./headers.ts";
import type { Log } from "../log.ts";
import { outgoingOf } from "./request-body.ts";
import type { Threads } from "../rewrite/threads.ts";
import type { Upstream } from "./upstream.ts";

/** What every exchange needs. */
export interface ForwardParts {
  config: ProxyConfig;
  upstream: Upstream;
  threads: Threads;
  log: Log;
}

const OWN_MEMORY =
  'The client has a tool of its own called "memory": no tool of this request was renamed, nor of its answer';

/**
 * One exchange from the request's body to the last byte of the answer. A client that goes ends it at any stage, upstream too.
 * Throws ProxyFault while nothing was answered; later, whatever broke the answer off. Writes down in `facts` what it learns.
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { facts, started, parts }: { facts: Facts; started: number; parts: ForwardParts },
): Promise<void> {
  const { upstream, log } = parts;
  const { method = "GET", url = "/", rawHeaders } = request;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { body, head, names, onMessage, facts: found } = await outgoingOf(request, facts.path, parts);
  if (found !== undefined) learn(facts, found);
  if (found?.hasOwnMemory === true) log.warn(OWN_MEMORY);
  const headers = toUpstream(rawHeaders, { ...head, method, host: upstream.host });
  const answer = await upstream.send({ method, path: url, headers, body, signal: gone.signal });
  facts.firstByteMs = performance.now() - started;
  await sendAnswer({ answer, names, onMessage, log }, response);
}
