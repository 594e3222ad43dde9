import { contentText, inputText } from "./transcript-text.ts";
import { isObject, type JsonObject } from "./json.ts";
import { objectAt, textAt } from "./transcript-json.ts";
import { call, turn, type Turn } from "./transcript-turn.ts";

/** The turns of one line of a Claude Code transcript, of any version; none for bookkeeping and unknown kinds. */
export function claudeTurns(line: JsonObject): Turn[] {
  switch (line["type"]) {
    case "user":
      return userTurns(line);
    case "assistant":
      return assistantTurns(line);
    case "system":
      return systemTurns(line);
    case "custom-title":
      return turn("system", `Title: ${textAt(line, "customTitle") ?? ""}`);
    case "summary":
      return turn("system", textAt(line, "summary"));
    case "attachment":
      return queuedPrompt(line);
    default:
      return [];
  }
}

/** What the person typed in this line; undefined for results, commands and what the client put in by itself. */
export function claudePrompt(line: JsonObject): string | undefined {
  if (line["type"] !== "user" || line["isMeta"] === true || line["isCompactSummary"] === true)
    return undefined;
  const content = objectAt(line, "message")?.["content"];
  if (typeof content === "string") return WRAPPER.test(content) ? undefined : content;
  if (!Array.isArray(content)) return undefined;
  const typed = content.filter((block) => textAt(block, "type") !== "tool_result");
  const text = contentText(typed);
  return text === "" || WRAPPER.test(text) ? undefined : text;
}

/** Texts that the client wraps around commands, their output and its own remarks. */
const WRAPPER =
  /^\s*<(command-(?:name|message|args)|bash-(?:input|stdout|stderr)|local-command-\w+|system-reminder)>/;

function userTurns(line: JsonObject): Turn[] {
  const content = objectAt(line, "message")?.["content"];
  if (line["isCompactSummary"] === true) return turn("system", contentText(content));
  if (line["isMeta"] === true) return [];
  if (!Array.isArray(content)) return typedTurns(contentText(content));
  return content.flatMap((block) =>
    textAt(block, "type") === "tool_result" && isObject(block)
      ? turn("tool_result", contentText(block["content"]))
      : typedTurns(contentText([block])),
  );
}

function typedTurns(text: string): Turn[] {
  switch (WRAPPER.exec(text)?.[1]?.replace(/-.*/, "")) {
    case undefined:
      return turn("user", text);
    case "command":
      return turn(
        "user",
        [tagText(text, "command-name"), tagText(text, "command-args")].filter(Boolean).join(" "),
      );
    case "bash":
      return text.trimStart().startsWith("<bash-input>")
        ? turn("user", `! ${tagText(text, "bash-input").trim()}`)
        : turn(
            "tool_result",
            [tagText(text, "bash-stdout"), tagText(text, "bash-stderr")].filter(Boolean).join("\n"),
          );
    case "local":
      return turn(
        "tool_result",
        tagText(text, "local-command-stdout") || tagText(text, "local-command-stderr"),
      );
    default:
      return [];
  }
}

function tagText(text: string, tag: string): string {
  const start = text.indexOf(`<${tag}>`);
  if (start === -1) return "";
  const from = start + tag.length + 2;
  const end = text.indexOf(`</${tag}>`, from);
  return end === -1 ? text.slice(from) : text.slice(from, end);
}

function assistantTurns(line: JsonObject): Turn[] {
  const content = objectAt(line, "message")?.["content"];
  if (line["isApiErrorMessage"] === true) return turn("system", contentText(content));
  if (!Array.isArray(content)) return turn("assistant", contentText(content));
  return content.flatMap(assistantBlock);
}

function assistantBlock(block: unknown): Turn[] {
  if (!isObject(block)) return [];
  const kind = textAt(block, "type") ?? "";
  if (kind === "thinking") return turn("thinking", textAt(block, "thinking"));
  if (kind === "redacted_thinking") return [];
  if (kind.endsWith("tool_use")) return call(textAt(block, "name") ?? "tool", inputText(block["input"]));
  if (kind.endsWith("tool_result")) return turn("tool_result", contentText(block["content"]));
  return turn("assistant", contentText([block]));
}

function systemTurns(line: JsonObject): Turn[] {
  const content = textAt(line, "content");
  switch (line["subtype"]) {
    case "api_error": {
      const error = line["error"];
      return turn(
        "system",
        `API error: ${textAt(error, "formatted") ?? textAt(error, "message") ?? content ?? "unknown"}`,
      );
    }
    case "compact_boundary":
      return turn("system", content);
    case "local_command":
      return content === undefined ? [] : typedTurns(content);
    default:
      return line["level"] === "error" ? turn("system", content) : [];
  }
}

/** A prompt typed while the agent was working: it has no line of its own. */
function queuedPrompt(line: JsonObject): Turn[] {
  const attachment = objectAt(line, "attachment");
  return textAt(attachment, "type") === "queued_command"
    ? turn("user", contentText(attachment?.["prompt"]))
    : [];
}
