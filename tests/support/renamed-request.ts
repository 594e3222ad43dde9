import { NATIVE, OFFER } from "./proxy-requests.ts";
import { Raw } from "./spelled-json.ts";

type Rename = (name: string) => string;
type Fields = Readonly<Record<string, unknown>>;

/**
 * What the proxy has to make of a request, written down once more over objects instead of bytes, and without a thought for speed:
 * the tests compare both. An entry of `tools` is a `Raw` where it offers our tool under the name that becomes the native one.
 */
export function renamedRequest(request: Fields, rename: Rename): Fields {
  return changed(request, {
    tools: each((tool) => entry(tool, rename)),
    tool_choice: (choice) =>
      Array.isArray(choice) ? choice.map((one) => chosen(one, rename)) : chosen(choice, rename),
    messages: each((message) => changed(message, { content: each((one) => block(one, rename)) })),
    context_management: (all) => changed(all, { edits: each((edit) => cleared(edit, rename)) }),
  });
}

function entry(tool: unknown, rename: Rename): unknown {
  if (tool instanceof Raw) return tool.text === OFFER ? new Raw(NATIVE) : tool;
  const results = {
    client_tool_results: (filter: unknown) =>
      changed(filter, { tools: each((one) => reference(one, rename)) }),
  };
  return changed(tool, { name: named(rename), url_sources: (sources) => changed(sources, results) });
}

function block(one: unknown, rename: Rename): unknown {
  const name = named(rename);
  const type = typeOf(one);
  const references = each((item) => reference(item, rename));
  if (type === "tool_use") return hasToolset(one) ? one : changed(one, { name });
  if (type === "tool_result") return changed(one, { name, content: references });
  if (type === "tool_search_tool_result")
    return changed(one, { content: (content) => changed(content, { tool_references: references }) });
  if (type === "compaction") return changed(one, { tool_changes: each((item) => change(item, rename)) });
  return change(one, rename);
}

function change(one: unknown, rename: Rename): unknown {
  if (!["tool_addition", "tool_removal"].includes(typeOf(one))) return one;
  return changed(one, {
    tool: (tool) =>
      typeOf(tool) === "tool_definition"
        ? changed(tool, { definition: (definition) => entry(definition, rename) })
        : reference(tool, rename),
  });
}

function chosen(choice: unknown, rename: Rename): unknown {
  return typeOf(choice) === "tool" ? changed(choice, { name: named(rename) }) : choice;
}

function reference(one: unknown, rename: Rename): unknown {
  const name = named(rename);
  return typeOf(one) === "tool_reference" ? changed(one, { name, tool_name: name }) : one;
}

function cleared(edit: unknown, rename: Rename): unknown {
  const names = each(named(rename));
  return changed(edit, { exclude_tools: names, clear_tool_inputs: names });
}

function named(rename: Rename): (value: unknown) => unknown {
  return (value) => (typeof value === "string" ? rename(value) : value);
}

function each(change: (item: unknown) => unknown): (value: unknown) => unknown {
  return (value) => (Array.isArray(value) ? value.map((item) => change(item)) : value);
}

function changed<Value>(value: Value, changes: Record<string, (member: unknown) => unknown>): Value {
  if (!isFields(value)) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const change = Object.hasOwn(changes, key) ? changes[key] : undefined;
    return [key, change === undefined ? member : change(member)];
  });
  return Object.fromEntries(members);
}

function typeOf(value: unknown): string {
  return isFields(value) && typeof value["type"] === "string" ? value["type"] : "";
}

function hasToolset(value: unknown): boolean {
  return isFields(value) && typeof value["toolset_name"] === "string";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Raw);
}
