import { LIMITS } from "../../contract/limits.ts";
import type { WhoAmI } from "../../contract/wire.ts";
import type { Config, Token } from "../config.ts";
import { Reader } from "../remote/reader.ts";
import { RemoteError, type RemoteFailure } from "../remote/remote-error.ts";

/** What the server said to a token, or to none. */
export type Said = { readonly identity: WhoAmI; readonly aheadMs: number } | { readonly error: RemoteError };

/** What was learned from the server. */
export interface ServerFacts {
  /** Undefined for a token that this machine does not have. */
  readonly ai: Said | undefined;
  readonly sync: Said | undefined;
  /** Why no answer of a server of ours came. */
  readonly unreachable: RemoteError | undefined;
  /** Digest of the client that the server hands out; undefined when it hands out none. */
  readonly bundle: string | undefined;
}

/** Failures that say nothing about the token. */
const SPEECHLESS: ReadonlySet<RemoteFailure> = new Set(["network", "retryable"]);
const DIGEST = /^([0-9a-f]{64})\b/;

/** Shows both tokens to the server. One that cannot be reached is asked once: every try takes its time. */
export async function askServer(config: Config): Promise<ServerFacts> {
  const first = await whoIs(config, config.aiToken ?? config.syncToken);
  const unreachable = "error" in first && SPEECHLESS.has(first.error.kind) ? first.error : undefined;
  if (unreachable !== undefined) return { ai: undefined, sync: undefined, unreachable, bundle: undefined };
  const { aiToken, syncToken } = config;
  const second =
    aiToken === undefined || syncToken === undefined ? undefined : await whoIs(config, syncToken);
  return {
    ai: aiToken === undefined ? undefined : first,
    sync: syncToken === undefined ? undefined : (second ?? first),
    unreachable,
    bundle: await digestOfBundle(config.url),
  };
}

/** Without a token too: it still tells whether there is a server. */
async function whoIs({ url }: Config, token: Token | undefined): Promise<Said> {
  const askedMs = Date.now();
  try {
    const identity = await new Reader(url, token).whoAmI();
    return { identity, aheadMs: Date.parse(identity.time) - (askedMs + Date.now()) / 2 };
  } catch (error) {
    if (error instanceof RemoteError) return { error };
    throw error;
  }
}

/** An older server hands out none: nothing follows from that. */
async function digestOfBundle(url: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(LIMITS.client.requestTimeoutMs);
    const answer = await fetch(`${url}/memory-sync.mjs.sha256`, { redirect: "error", signal });
    return answer.ok ? DIGEST.exec(await answer.text())?.[1] : undefined;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError"))
      return undefined;
    throw error;
  }
}
