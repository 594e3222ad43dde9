import { isMessage, type Message } from "./message-lines.ts";

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const CLIENT_KEY = "io.modelcontextprotocol/clientInfo";

/** The argument that the header `Mcp-Name` repeats. */
const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};
const SENTINEL = { from: "=?base64?", to: "?=" } as const;

/**
 * The headers of MCP over HTTP that a message goes with: of revision 2026-07-28 where it names its revision itself, else the
 * revision that `initialize` agreed on. Source: modelcontextprotocol.io, transports of that revision, and SEP-2243.
 */
export function headersOf(message: Message, agreed: string | undefined): Record<string, string> {
  const { method } = message;
  const version = metaOf(message)[VERSION_KEY];
  if (typeof version !== "string" || typeof method !== "string")
    return agreed === undefined ? {} : { "mcp-protocol-version": headerValue(agreed) };
  const name = paramsOf(message)[NAMED_BY[method] ?? ""];
  return {
    "mcp-protocol-version": headerValue(version),
    "mcp-method": headerValue(method),
    ...(typeof name === "string" && { "mcp-name": headerValue(name) }),
  };
}

/** The name of the program that sends a message, where the message says it. */
export function clientNameIn(message: Message): string | undefined {
  const info =
    message["method"] === "initialize" ? paramsOf(message)["clientInfo"] : metaOf(message)[CLIENT_KEY];
  const name = isMessage(info) ? info["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Arguments of a message; empty where it has none. */
export function paramsOf({ params }: Message): Message {
  return isMessage(params) ? params : {};
}

function metaOf(message: Message): Message {
  const { _meta: meta } = paramsOf(message);
  return isMessage(meta) ? meta : {};
}

/** As it is where a header can hold it so, else in Base64 between marks. */
function headerValue(text: string): string {
  const isMarked = text.startsWith(SENTINEL.from) && text.endsWith(SENTINEL.to);
  if (/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !isMarked) return text;
  return `${SENTINEL.from}${Buffer.from(text).toString("base64")}${SENTINEL.to}`;
}
