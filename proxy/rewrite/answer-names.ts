import { blockEdits, choiceEdits } from "./block-names.ts";
import type { Edit } from "../json/edits.ts";
import { itemsOf, memberAt, membersOf, type Span } from "../json/json-spans.ts";
import type { NameMap } from "./names.ts";
import { entryToClient } from "./tool-entry.ts";

/** The names in a message of the API, or in what an event of a stream says of one, that are others for the client. */
export function answerEdits(bytes: Buffer, answer: Span, names: NameMap): Edit[] {
  const renaming = {
    rename: (name: string) => names.toClient.get(name),
    entry: (bytes: Buffer, entry: Span) => entryToClient(bytes, entry, names),
  };
  return [...membersOf(bytes, answer)].flatMap(({ key, value }) => {
    if (key === "content_block") return blockEdits(bytes, value, renaming);
    if (key === "content")
      return [...itemsOf(bytes, value)].flatMap((item) => blockEdits(bytes, item, renaming));
    if (key === "tool_choice") return choiceEdits(bytes, value, renaming);
    return key === "delta" ? choiceEdits(bytes, memberAt(bytes, value, "tool_choice"), renaming) : [];
  });
}
