import type { IncomingMessage } from "node:http";
import { mergedBeta } from "./beta-header.ts";
import { readBody } from "./body.ts";
import type { ProxyConfig } from "../config.ts";
import { ProxyFault } from "./fault.ts";
import { BETA, valuesOf, type RequestHead } from "./headers.ts";
import type { NameMap } from "../rewrite/names.ts";
import { PatchError } from "../rewrite/patches.ts";
import { rewriteRequest, type RewrittenRequest } from "../rewrite/rewrite-request.ts";
import type { Threads } from "../rewrite/threads.ts";

/** A request to the API as it is sent on. */
export interface Outgoing {
  body: Buffer | IncomingMessage;
  head: Omit<RequestHead, "method" | "host">;
  /** What the answer has to be renamed by; undefined leaves it as it comes. */
  names: NameMap | undefined;
  /** Wants to be told the answer's id. */
  onMessage?: ((messageId: string) => void) | undefined;
  facts?: RewrittenRequest["facts"];
}

/** What decides how a request is rewritten. */
export interface Rewriting {
  config: Pick<ProxyConfig, "patches" | "beta">;
  threads: Threads;
}

/** Only these name tools. */
const COUNT_TOKENS = "/v1/messages/count_tokens";
const REWRITTEN = new Set(["/v1/messages", COUNT_TOKENS]);

/** Reads and rewrites a request that may name tools; any other streams untouched. Throws ProxyFault. */
export async function outgoingOf(
  request: IncomingMessage,
  path: string,
  rewriting: Rewriting,
): Promise<Outgoing> {
  if (request.method === "POST" && REWRITTEN.has(path)) return rewrittenOf(request, path, rewriting);
  // What has no body can be sent again as it is.
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  const body = length === undefined && encoding === undefined ? Buffer.alloc(0) : request;
  return { body, head: {}, names: undefined };
}

async function rewrittenOf(
  request: IncomingMessage,
  path: string,
  { config, threads }: Rewriting,
): Promise<Outgoing> {
  const { raw, bytes, parsed } = await readBody(request);
  const inherited = threads.namesFor(parsed);
  const rewritten = rewrittenBy(config, path === COUNT_TOKENS, (patches) =>
    rewriteRequest(bytes, parsed, { patches, inherited }),
  );
  const { names, facts } = rewritten;
  const isDecoded = rewritten.bytes !== bytes;
  const body = isDecoded ? rewritten.bytes : raw;
  const head = { length: body.length, isDecoded };
  if (names === undefined) return { body, head, names, facts };
  const beta = mergedBeta(valuesOf(request.rawHeaders, BETA), config.beta);
  const onMessage = threads.listener(parsed, names);
  return { body, head: { ...head, isIdentity: true, beta }, names, onMessage, facts };
}

/** Counting is no conversation: a system prompt is patched only where the request is changed anyway. */
function rewrittenBy(
  { patches }: Pick<ProxyConfig, "patches">,
  isCount: boolean,
  rewrite: (patches: ProxyConfig["patches"]) => RewrittenRequest,
): RewrittenRequest {
  try {
    if (!isCount || patches.length === 0) return rewrite(patches);
    const unpatched = rewrite([]);
    return unpatched.names === undefined ? unpatched : rewrite(patches);
  } catch (error) {
    if (error instanceof PatchError) throw new ProxyFault(500, error.message, { cause: error });
    throw error;
  }
}
