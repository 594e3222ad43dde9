import { MEMORY_TOOL, NATIVE_NAME } from "../../memory-tool/names.ts";
import { nameEdits, referenceEdits } from "./block-names.ts";
import type { Edit } from "../json/edits.ts";
import { memberAt, membersOf, textAt, type Span } from "../json/json-spans.ts";
import type { NameMap } from "./names.ts";

const NATIVE_HEAD = JSON.stringify({ type: MEMORY_TOOL, name: NATIVE_NAME }).slice(0, -1);
/** What the API takes of the native tool beside its type and name. */
const NATIVE_FIELDS = new Set([
  "cache_control",
  "allowed_callers",
  "defer_loading",
  "input_examples",
  "strict",
]);

/**
 * An entry of `tools` as the API gets it: the native tool in the place of ours, with what the client said of caching and loading as
 * it was written; of others the name, and the names of tools whose results a `web_fetch` may follow.
 */
export function entryToApi(bytes: Buffer, entry: Span, names: NameMap): Edit[] {
  if (isMemoryTool(bytes, entry, names)) return [{ ...entry, bytes: nativeEntry(bytes, entry) }];
  const renaming = { rename: (name: string) => names.toApi.get(name), entry: () => [] };
  const sources = memberAt(bytes, entry, "url_sources");
  const results = sources && memberAt(bytes, sources, "client_tool_results");
  return [
    ...nameEdits(bytes, memberAt(bytes, entry, "name"), renaming),
    ...(results === undefined ? [] : referenceEdits(bytes, memberAt(bytes, results, "tools"), renaming)),
  ];
}

/** An entry that an answer repeats: its name. The client sends it back, and it becomes the native one again. */
export function entryToClient(bytes: Buffer, entry: Span, names: NameMap): Edit[] {
  return nameEdits(bytes, memberAt(bytes, entry, "name"), { rename: (name) => names.toClient.get(name) });
}

function isMemoryTool(bytes: Buffer, entry: Span, { clientName }: NameMap): boolean {
  const [name] = ["name", "tool_name"].flatMap((key) => {
    const span = memberAt(bytes, entry, key);
    return (span && textAt(bytes, span)) ?? [];
  });
  return name === clientName;
}

function nativeEntry(bytes: Buffer, entry: Span): Buffer {
  const kept = [...membersOf(bytes, entry)].filter(({ key }) => NATIVE_FIELDS.has(key));
  const parts = kept.flatMap(({ whole }) => [Buffer.from(","), bytes.subarray(whole.start, whole.end)]);
  return Buffer.concat([Buffer.from(NATIVE_HEAD), ...parts, Buffer.from("}")]);
}
