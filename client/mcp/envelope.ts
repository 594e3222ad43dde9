import { isObject, type JsonObject } from "../../contract/json.ts";
import type { Message } from "./message-lines.ts";

/** What messages of revision 2026-07-28 say of themselves, in `params._meta`; source: that revision of modelcontextprotocol.io. */
export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  client: "io.modelcontextprotocol/clientInfo",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  server: "io.modelcontextprotocol/serverInfo",
} as const;

/** Arguments of a message; empty where it has none. */
export function paramsOf({ params }: Message): JsonObject {
  return isObject(params) ? params : {};
}

/** What a message says of itself; empty where it says nothing. */
export function metaOf(message: Message): JsonObject {
  const { _meta: meta } = paramsOf(message);
  return isObject(meta) ? meta : {};
}

/** The name of the program that sends a message, where the message says it. */
export function clientNameIn(message: Message): string | undefined {
  const info =
    message["method"] === "initialize" ? paramsOf(message)["clientInfo"] : metaOf(message)[META.client];
  const name = isObject(info) ? info["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}
