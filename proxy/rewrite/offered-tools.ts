import type { JsonObject } from "../../contract/json.ts";
import { fieldOf, listOf } from "../json/fields.ts";

/**
 * The names of all tools that a request offers, in their order: the entries of `tools`, then those that `messages` bring along
 * later, be it by a `tool_addition` or in a `compaction` that remembers one.
 */
export function offeredTools(request: JsonObject): string[] {
  const blocks = listOf(request["messages"]).flatMap((message) => listOf(fieldOf(message, "content")));
  return [...listOf(request["tools"]), ...blocks.flatMap(definitionsOf)].flatMap((entry) => {
    return nameOf(entry) ?? [];
  });
}

function definitionsOf(block: unknown): unknown[] {
  const type = fieldOf(block, "type");
  if (type === "compaction") return listOf(fieldOf(block, "tool_changes")).flatMap(definitionOf);
  return definitionOf(block);
}

function definitionOf(change: unknown): unknown[] {
  const tool = fieldOf(change, "tool");
  const isDefinition =
    fieldOf(change, "type") === "tool_addition" && fieldOf(tool, "type") === "tool_definition";
  return isDefinition ? [fieldOf(tool, "definition")] : [];
}

/** Some clients say `tool_name`. */
function nameOf(entry: unknown): string | undefined {
  return [fieldOf(entry, "name"), fieldOf(entry, "tool_name")].find((name) => typeof name === "string");
}
