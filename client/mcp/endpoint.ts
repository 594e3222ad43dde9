import { failureIn } from "../remote/answer.ts";
import type { Credential } from "../remote/connection.ts";
import { unreachable } from "../remote/unreachable.ts";
import type { Message } from "./message-lines.ts";

/** Gives one message to a server of MCP. Throws RemoteError where no answer in MCP's words came, and what `signal` says. */
export type Endpoint = (
  message: Message,
  options: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
) => Promise<Response>;

/** A server at an address, asked with a token. `root` is without the `/mcp` at its end. */
export function remoteEndpoint(root: string, token: Credential): Endpoint {
  return async (message, { headers, signal }) => {
    const response = await ask(root, {
      method: "POST",
      headers: { ...headers, ...FIXED, authorization: `Bearer ${token.secret}` },
      body: JSON.stringify(message),
      redirect: "manual",
      signal,
    });
    if (response.status !== 401 && !isRedirect(response)) return response;
    // Its own words tell how an AI is connected, not where this machine keeps its tokens.
    await response.body?.cancel();
    throw failureIn(response, { text: "", tokenFrom: token.place });
  };
}

const FIXED = {
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
  "user-agent": "memory-sync",
} as const;

async function ask(root: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(`${root}/mcp`, init);
  } catch (error) {
    init.signal.throwIfAborted();
    throw unreachable(root, error);
  }
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400;
}
