import { rewriteRequest, type RewrittenRequest } from "../../proxy/rewrite/rewrite-request.ts";
import type { NameMap } from "../../proxy/rewrite/names.ts";
import type { Patch } from "../../proxy/rewrite/patches.ts";

/** The memory tool as Claude Code offers it. */
export const OURS = "mcp__memory__memory_20250818";
/** An entry of `tools` that offers it, and what the API gets in its place. */
export const OFFER = `{"name":"${OURS}","input_schema":{"type":"object"}}`;
export const NATIVE = '{"type":"memory_20250818","name":"memory"}';

/** A request as the proxy rewrites it; a Buffer may hold more than its parsed text shows. */
export function rewrittenRequest(
  request: string | Buffer,
  patches: readonly Patch[] = [],
  parsed: Record<string, unknown> = JSON.parse(request.toString()),
): RewrittenRequest {
  return rewriteRequest(typeof request === "string" ? Buffer.from(request) : request, parsed, { patches });
}

/** The same, as text. */
export function toApi(text: string, patches: readonly Patch[] = []): string {
  return rewrittenRequest(text, patches).bytes.toString();
}

/** The names of a request that offers our tool and these. */
export function namesWith(...others: string[]): NameMap {
  const tools = [OURS, ...others].map((name) => ({ name }));
  const { names } = rewrittenRequest(JSON.stringify({ tools }));
  if (names === undefined) throw new Error("Nothing is renamed here");
  return names;
}
