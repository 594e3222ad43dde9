import type { IncomingMessage } from "node:http";
import type { HttpConfig } from "./parts.ts";

/** Where clients reach the server: as its owner says, else by the name that this request used, which the guard let pass. */
export function publicUrlOf(
  { headers }: IncomingMessage,
  { publicUrl }: Pick<HttpConfig, "publicUrl">,
): string {
  return publicUrl?.replace(/\/$/, "") ?? `http://${headers.host ?? "localhost"}`;
}

/** The sentences clients show to someone whose token is missing or wrong: how to configure it, and what to look at where it was configured. */
export function howToConnect(request: IncomingMessage, config: Pick<HttpConfig, "publicUrl">): string {
  const endpoint = `${publicUrlOf(request, config)}/mcp`;
  return `This server uses a static bearer token: claude mcp add --scope user --transport http memory ${endpoint} --header "Authorization: Bearer TOKEN". On a machine that memory-sync has set up: memory-sync test, or memory-sync doctor`;
}
