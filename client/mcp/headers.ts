import { META, metaOf, paramsOf } from "./envelope.ts";
import type { Message } from "./message-lines.ts";

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
  const version = metaOf(message)[META.version];
  if (typeof version !== "string" || typeof method !== "string")
    return agreed === undefined ? {} : { "mcp-protocol-version": headerValue(agreed) };
  const name = paramsOf(message)[NAMED_BY[method] ?? ""];
  return {
    "mcp-protocol-version": headerValue(version),
    "mcp-method": headerValue(method),
    ...(typeof name === "string" && { "mcp-name": headerValue(name) }),
  };
}

/** As it is where a header can hold it so, else in Base64 between marks. */
function headerValue(text: string): string {
  const isMarked = text.startsWith(SENTINEL.from) && text.endsWith(SENTINEL.to);
  if (/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !isMarked) return text;
  return `${SENTINEL.from}${Buffer.from(text).toString("base64")}${SENTINEL.to}`;
}
