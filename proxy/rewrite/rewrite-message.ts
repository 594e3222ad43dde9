import { applied } from "../json/edits.ts";
import { documentAt } from "../json/json-spans.ts";
import { fieldOf } from "../json/fields.ts";
import type { NameMap } from "./names.ts";
import { answerEdits } from "./answer-names.ts";

const MARK = /^\ufeff/;

/**
 * A JSON answer with the client's names: the very Buffer that was given when none is in it. `onMessage` is told its id. Throws
 * SyntaxError for what is no JSON.
 */
export function rewriteMessage(
  bytes: Buffer,
  names: NameMap,
  onMessage?: (messageId: string) => void,
): Buffer {
  const id = fieldOf(JSON.parse(bytes.toString("utf8").replace(MARK, "")), "id");
  if (typeof id === "string") onMessage?.(id);
  return applied(bytes, answerEdits(bytes, documentAt(bytes), names));
}
