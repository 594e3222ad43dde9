import { isObject } from "./json.ts";
import { stringify, textAt } from "./transcript-json.ts";

/**
 * The text of a message's or a tool result's content, which every client writes as a string or as a list of typed
 * blocks. What is not text leaves its kind in brackets, so that a reader knows that something was there.
 */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map(blockText).filter(Boolean).join("\n");
  if (isObject(content)) return blockText(content);
  return "";
}

function blockText(block: unknown): string {
  if (typeof block === "string") return block;
  const nested = isObject(block) ? block["content"] : undefined;
  const text = textAt(block, "text") ?? textAt(block, "tool_name");
  if (text !== undefined) return text;
  if (nested !== undefined && nested !== null) return contentText(nested);
  const kind = textAt(block, "type");
  return kind === undefined || TEXT_KINDS.has(kind) ? "" : `[${kind}]`;
}

/** Blocks of these kinds that hold no text are empty, not something else. */
const TEXT_KINDS = new Set(["text", "input_text", "output_text", "summary_text", "Text"]);

/**
 * A tool's input for people and for search: a command as it was typed, anything else as `key: value` lines with
 * texts unescaped.
 */
export function inputText(input: unknown): string {
  if (typeof input === "string") return input;
  if (!isObject(input)) return input === undefined || input === null ? "" : stringify(input);
  const command = input["command"] ?? input["cmd"];
  if (command !== undefined) return commandText(command);
  return Object.entries(input)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : stringify(value)}`)
    .join("\n");
}

/** `["bash", "-lc", "ls"]` and `"ls"` are both `ls`. */
export function commandText(command: unknown): string {
  if (typeof command === "string") return command;
  if (!Array.isArray(command) || !command.every((part) => typeof part === "string"))
    return stringify(command);
  const [, flag, script] = command;
  return command.length === 3 && (flag === "-lc" || flag === "-c") && script !== undefined
    ? script
    : command.join(" ");
}
