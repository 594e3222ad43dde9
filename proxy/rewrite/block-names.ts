import { stringEdit, type Edit } from "../json/edits.ts";
import { itemsOf, memberAt, textAt, typeAt, type Span } from "../json/json-spans.ts";

/** How names change on their way, and what becomes of a whole entry of `tools`, wherever it stands. */
export interface Renaming {
  rename: (name: string) => string | undefined;
  entry: (bytes: Buffer, entry: Span) => Edit[];
}

/**
 * The names of tools in one block of a message. This is the only list of places that hold one: nothing is looked for in the input
 * of a tool, in texts, nor in blocks of tools that run at the API.
 */
export function blockEdits(bytes: Buffer, block: Span, renaming: Renaming): Edit[] {
  const within = (key: string) => memberAt(bytes, block, key);
  switch (typeAt(bytes, block)) {
    case "tool_use":
      return isOfToolset(bytes, block) ? [] : nameEdits(bytes, within("name"), renaming);
    case "tool_result":
      return [
        ...nameEdits(bytes, within("name"), renaming),
        ...referenceEdits(bytes, within("content"), renaming),
      ];
    case "tool_search_tool_result": {
      const content = within("content");
      return content === undefined
        ? []
        : referenceEdits(bytes, memberAt(bytes, content, "tool_references"), renaming);
    }
    case "compaction":
      return listItems(bytes, within("tool_changes")).flatMap((change) =>
        changeEdits(bytes, change, renaming),
      );
    default:
      return changeEdits(bytes, block, renaming);
  }
}

/** A `tool_choice`, or each of a list of them, that wants a certain tool. */
export function choiceEdits(bytes: Buffer, choice: Span | undefined, renaming: Renaming): Edit[] {
  if (choice === undefined) return [];
  return [choice, ...itemsOf(bytes, choice)].flatMap((one) =>
    typeAt(bytes, one) === "tool" ? nameEdits(bytes, memberAt(bytes, one, "name"), renaming) : [],
  );
}

/** The names of references in a list, spelled `tool_name` in results and `name` elsewhere. */
export function referenceEdits(bytes: Buffer, list: Span | undefined, renaming: Renaming): Edit[] {
  return listItems(bytes, list).flatMap((item) => referenceEdit(bytes, item, renaming));
}

/** The strings of a list. */
export function listedEdits(bytes: Buffer, list: Span | undefined, renaming: Renaming): Edit[] {
  return listItems(bytes, list).flatMap((item) => nameEdits(bytes, item, renaming));
}

/** A string that is a name. */
export function nameEdits(
  bytes: Buffer,
  span: Span | undefined,
  { rename }: Pick<Renaming, "rename">,
): Edit[] {
  const name = span === undefined ? undefined : textAt(bytes, span);
  const other = name === undefined ? undefined : rename(name);
  return span === undefined || other === undefined ? [] : [stringEdit(span, other)];
}

function changeEdits(bytes: Buffer, change: Span, renaming: Renaming): Edit[] {
  const type = typeAt(bytes, change);
  const tool = memberAt(bytes, change, "tool");
  if (tool === undefined || (type !== "tool_addition" && type !== "tool_removal")) return [];
  const definition = memberAt(bytes, tool, "definition");
  return typeAt(bytes, tool) === "tool_definition" && definition !== undefined
    ? renaming.entry(bytes, definition)
    : referenceEdit(bytes, tool, renaming);
}

function referenceEdit(bytes: Buffer, reference: Span, renaming: Renaming): Edit[] {
  if (typeAt(bytes, reference) !== "tool_reference") return [];
  return ["name", "tool_name"].flatMap((key) => nameEdits(bytes, memberAt(bytes, reference, key), renaming));
}

/** Tools of a set that the API brings (`browser`, `computer`) have short names which may be those of ours. */
function isOfToolset(bytes: Buffer, block: Span): boolean {
  const set = memberAt(bytes, block, "toolset_name");
  return set !== undefined && textAt(bytes, set) !== undefined;
}

function listItems(bytes: Buffer, list: Span | undefined): Span[] {
  return list === undefined ? [] : [...itemsOf(bytes, list)];
}
