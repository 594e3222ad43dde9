import { parseJson } from "../../contract/json.ts";
import { answerEdits } from "../rewrite/answer-names.ts";
import type { Edit } from "../json/edits.ts";
import { dataOf } from "./event-data.ts";
import { memberAt, typeAt, documentAt } from "../json/json-spans.ts";
import type { NameMap } from "../rewrite/names.ts";
import { fieldOf } from "../json/fields.ts";

const TYPES = ["content_block_start", "message_start", "message_delta"].map((type) => Buffer.from(type));

/** False for bytes of a stream that are looked at no further: most events bring a piece of a text or of an input. */
export function mayHoldName(bytes: Buffer): boolean {
  return TYPES.some((type) => bytes.includes(type));
}

interface EventReading {
  /** A byte order mark may stand in front of it. */
  isFirst: boolean;
  /** Is told the id of the message that the event begins. */
  onMessage?: ((messageId: string) => void) | undefined;
}

/** The names in one event of a stream that are others for the client, as edits of the event's bytes; none in what is no JSON. */
export function eventEdits(event: Buffer, names: NameMap, { isFirst, onMessage }: EventReading): Edit[] {
  const data = dataOf(event, { isFirst });
  const parsed = data === undefined ? undefined : parseJson(data.json.toString("utf8"));
  if (data === undefined || parsed === undefined) return [];
  const id = fieldOf(fieldOf(parsed, "message"), "id");
  if (typeof id === "string") onMessage?.(id);
  return editsOf(data.json, names).map(({ start, end, bytes }) => {
    const from = data.at(start);
    return { start: from, end: from + end - start, bytes };
  });
}

/** By the `type` in the JSON: the line `event:` says the same, where there is one. */
function editsOf(json: Buffer, names: NameMap): Edit[] {
  const answer = documentAt(json);
  switch (typeAt(json, answer)) {
    case "content_block_start":
    case "message_delta":
      return answerEdits(json, answer, names);
    case "message_start": {
      const message = memberAt(json, answer, "message");
      return message === undefined ? [] : answerEdits(json, message, names);
    }
    default:
      return [];
  }
}
