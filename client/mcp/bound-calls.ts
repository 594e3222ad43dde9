import { isObject } from "../../contract/json.ts";
import { MEMORY_TOOL } from "../../memory-tool/names.ts";
import { paramsOf } from "./envelope.ts";
import type { Message } from "./message-lines.ts";

/** The tools that write into the caller's own workspace. */
const BOUND_TOOLS = new Set<unknown>([MEMORY_TOOL, "write_overview", "delete_knowledge"]);

/** What a server answers, and has done nothing, when a call shows no good binding. */
const REFUSAL = "forbidden: not bound";

/** True for a call that writes and brings no binding of its own. */
export function wantsBinding(message: Message): boolean {
  const { name, arguments: given } = paramsOf(message);
  const isBound = message["method"] === "tools/call" && BOUND_TOOLS.has(name);
  return isBound && !(isObject(given) && typeof given["binding"] === "string");
}

/** True for the answer to a call whose binding was missing, has expired or was revoked. */
export function isUnbound({ result }: Message): boolean {
  if (!isObject(result) || result["isError"] !== true || !Array.isArray(result["content"])) return false;
  const [first]: unknown[] = result["content"];
  return isObject(first) && typeof first["text"] === "string" && first["text"].startsWith(REFUSAL);
}
