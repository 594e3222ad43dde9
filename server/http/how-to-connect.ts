import type { IncomingMessage } from "node:http";
import type { HttpConfig } from "./parts.ts";

/** Where clients reach the server: as its owner says, else by the name that this request used, which the guard let pass. */
export function publicUrlOf(
  { headers }: IncomingMessage,
  { publicUrl }: Pick<HttpConfig, "publicUrl">,
): string {
  return publicUrl?.replace(/\/$/, "") ?? `http://${headers.host ?? "localhost"}`;
}

/** The sentence clients show to someone whose token is missing: how to configure it. */
export function howToConnect(request: IncomingMessage, config: Pick<HttpConfig, "publicUrl">): string {
  const endpoint = `${publicUrlOf(request, config)}/mcp`;
  return `This server uses a static bearer token: claude mcp add --scope user --transport http memory ${endpoint} --header "Authorization: Bearer TOKEN"`;
}
