import { parseJson } from "./json.ts";
import { commandText, contentText, inputText } from "./transcript-text.ts";
import { isObject, type JsonObject } from "./json.ts";
import { objectAt, textAt } from "./transcript-json.ts";
import { call, turn, type Turn } from "./transcript-turn.ts";

/**
 * The turns of one line of a Codex rollout, of any version. The conversation is what `response_item` lines say; the
 * events repeat it for the screen, so only those that stand alone count. The oldest rollouts have items without an
 * envelope.
 */
export function codexTurns(line: JsonObject): Turn[] {
  const payload = objectAt(line, "payload");
  if (payload === undefined) return itemTurns(line);
  switch (line["type"]) {
    case "response_item":
      return itemTurns(payload);
    case "compacted":
      return turn("system", textAt(payload, "message") ?? "Conversation compacted");
    case "event_msg":
      return eventTurns(payload);
    default:
      return [];
  }
}

/** What the person typed in this line; undefined for everything else. */
export function codexPrompt(line: JsonObject): string | undefined {
  return codexTurns(line).find(({ role }) => role === "user")?.text;
}

function itemTurns(item: JsonObject): Turn[] {
  switch (item["type"]) {
    case "message":
      return messageTurns(item);
    case "reasoning":
      return turn("thinking", contentText(item["summary"]) || contentText(item["content"]));
    case "function_call":
      return call(toolName(item), inputText(parsed(item["arguments"])));
    case "custom_tool_call":
      return call(toolName(item), inputText(item["input"]));
    case "local_shell_call":
      return call("shell", commandText(objectAt(item, "action")?.["command"] ?? ""));
    case "tool_search_call":
      return call("tool_search", inputText(parsed(item["arguments"])));
    case "web_search_call":
      return call("web_search", inputText(item["action"]));
    case "function_call_output":
    case "custom_tool_call_output":
      return turn("tool_result", outputText(item["output"]));
    case "tool_search_output":
      return turn("tool_result", toolNames(item["tools"]).join("\n"));
    default:
      return [];
  }
}

function messageTurns(item: JsonObject): Turn[] {
  const { role, content } = item;
  if (role === "assistant") return turn("assistant", contentText(content));
  if (role !== "user") return [];
  const blocks = Array.isArray(content) ? content : [content];
  const texts = blocks.map((block) => contentText([block])).filter((text) => !isContext(text));
  const notices = texts.filter((text) => NOTICE.test(text));
  const typed = texts.filter((text) => !NOTICE.test(text));
  return [...notices.flatMap((text) => turn("system", text)), ...turn("user", typed.join("\n"))];
}

/** What the client tells the model in the person's name, whole in one block. */
function isContext(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.startsWith("# AGENTS.md instructions for ")) return true;
  const tag = /^<([a-zA-Z_]+(?: instructions)?)>/.exec(trimmed)?.[1];
  return tag !== undefined && CONTEXT_TAGS.has(tag) && trimmed.endsWith(`</${tag}>`);
}

const CONTEXT_TAGS = new Set([
  "environment_context",
  "user_instructions",
  "INSTRUCTIONS",
  "skill",
  "skills_instructions",
  "permissions instructions",
  "collaboration_mode",
  "apps_instructions",
]);

/** What happened around the conversation, told to the model in the person's name. */
const NOTICE = /^\s*<(?:subagent_notification|turn_aborted|user_shell_command)>/;

function eventTurns(event: JsonObject): Turn[] {
  switch (event["type"]) {
    case "error":
    case "stream_error":
      return turn("system", `Error: ${textAt(event, "message") ?? "unknown"}`);
    case "turn_aborted":
      return turn("system", `Turn aborted: ${textAt(event, "reason") ?? "unknown"}`);
    default:
      return [];
  }
}

function toolName(item: JsonObject): string {
  const name = textAt(item, "name") ?? "tool";
  const namespace = textAt(item, "namespace");
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** Arguments travel as JSON in a text; a model may also have written something else. */
function parsed(value: unknown): unknown {
  return typeof value === "string" ? (parseJson(value) ?? value) : value;
}

/** Output is a text, a list of blocks, or one of these as JSON, bare or behind a line `Output:`. */
function outputText(output: unknown): string {
  if (isObject(output)) return contentText(output["content"] ?? output["output"] ?? "");
  if (typeof output !== "string") return contentText(output);
  const mark = "\nOutput:\n";
  const start = output.indexOf(`${mark}[{`);
  if (start !== -1) {
    const text = unwrapped(output.slice(start + mark.length));
    if (text !== undefined) return `${output.slice(0, start + mark.length)}${text}`;
  }
  return unwrapped(output) ?? output;
}

function unwrapped(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const value = parseJson(text);
  if (isObject(value)) return textAt(value, "output");
  const blocks =
    Array.isArray(value) && value.length > 0 && value.every((block) => textAt(block, "type") !== undefined);
  return blocks ? contentText(value) : undefined;
}

function toolNames(tools: unknown): string[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool) => {
    const name = textAt(tool, "name");
    const inner = isObject(tool) ? toolNames(tool["tools"]) : [];
    if (inner.length === 0) return name === undefined ? [] : [name];
    return inner.map((part) => `${name ?? "tools"}__${part}`);
  });
}
