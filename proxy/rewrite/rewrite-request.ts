import type { JsonObject } from "../../contract/json.ts";
import { CLIENT_PREFIXES, NATIVE_NAME } from "../../memory-tool/names.ts";
import { blockEdits, choiceEdits, listedEdits, type Renaming } from "./block-names.ts";
import { applied, type Edit } from "../json/edits.ts";
import { itemsOf, memberAt, membersOf, documentAt, type Span } from "../json/json-spans.ts";
import { hasOwnMemory, nameMapOf, type NameMap } from "./names.ts";
import { offeredTools } from "./offered-tools.ts";
import { patchEdits, type Patch } from "./patches.ts";
import { entryToApi } from "./tool-entry.ts";

/** Every name of ours begins with one of the first, unless it is spelled with the last: other messages are not looked at any further. */
const SIGNS = [...CLIENT_PREFIXES, "\\u"].map((sign) => Buffer.from(sign));

/** A request as the API gets it, and what its answer needs. */
export interface RewrittenRequest {
  /** The very Buffer that was given when nothing had to change. */
  bytes: Buffer;
  /** Undefined: the answer goes to the client as it is. */
  names: NameMap | undefined;
  facts: {
    stream: boolean;
    /** The names of all tools that the client offers. */
    tools: readonly string[];
    /** Places in which a name was changed. */
    renamed: number;
    /** Nothing was renamed because the client has a tool of its own called `memory`. */
    hasOwnMemory: boolean;
  };
}

/**
 * Names and patches in the body of a request to the Messages API: only the bytes of what changes are others afterwards. `parsed` is
 * what JSON.parse made of `bytes`; `inherited` are the names of the thread that it goes on with. Throws PatchError.
 */
export function rewriteRequest(
  bytes: Buffer,
  parsed: JsonObject,
  { patches, inherited }: { patches: readonly Patch[]; inherited?: NameMap | undefined },
): RewrittenRequest {
  const tools = offeredTools(parsed);
  const isInherited = parsed["tools"] === undefined && !tools.includes(NATIVE_NAME);
  const names = nameMapOf(tools) ?? (isInherited ? inherited : undefined);
  const request = documentAt(bytes);
  const renamed = names === undefined ? [] : nameEdits(bytes, request, names);
  const system = patches.length === 0 ? undefined : memberAt(bytes, request, "system");
  const patched = system === undefined ? [] : patchEdits(bytes, system, patches);
  const facts = {
    stream: parsed["stream"] === true,
    tools,
    renamed: renamed.length,
    hasOwnMemory: hasOwnMemory(tools),
  };
  return { bytes: applied(bytes, [...renamed, ...patched]), names, facts };
}

function nameEdits(bytes: Buffer, request: Span, names: NameMap): Edit[] {
  const entry = (bytes: Buffer, span: Span) => entryToApi(bytes, span, names);
  const renaming = { rename: (name: string) => names.toApi.get(name), entry };
  return [...membersOf(bytes, request)].flatMap(({ key, value }) => {
    if (key === "tools") return [...itemsOf(bytes, value)].flatMap((item) => entry(bytes, item));
    if (key === "tool_choice") return choiceEdits(bytes, value, renaming);
    if (key === "messages") return messagesEdits(bytes, value, renaming);
    return key === "context_management" ? managementEdits(bytes, value, renaming) : [];
  });
}

function messagesEdits(bytes: Buffer, messages: Span, renaming: Renaming): Edit[] {
  const messagesWithNames = [...itemsOf(bytes, messages)].filter(({ start, end }) => {
    const message = bytes.subarray(start, end);
    return SIGNS.some((sign) => message.includes(sign));
  });
  return messagesWithNames.flatMap((message) => messageEdits(bytes, message, renaming));
}

function messageEdits(bytes: Buffer, message: Span, renaming: Renaming): Edit[] {
  const content = memberAt(bytes, message, "content");
  const blocks = content === undefined ? [] : [...itemsOf(bytes, content)];
  return blocks.flatMap((block) => blockEdits(bytes, block, renaming));
}

/** Which tools' uses are kept, and which lose their input, when old ones are cleared. */
function managementEdits(bytes: Buffer, management: Span, renaming: Renaming): Edit[] {
  const edits = memberAt(bytes, management, "edits");
  const rules = edits === undefined ? [] : [...itemsOf(bytes, edits)];
  return rules.flatMap((rule) =>
    ["exclude_tools", "clear_tool_inputs"].flatMap((key) =>
      listedEdits(bytes, memberAt(bytes, rule, key), renaming),
    ),
  );
}
