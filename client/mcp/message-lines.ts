import { isObject, type JsonObject, parseJson } from "../../contract/json.ts";
import { linesIn } from "./lines.ts";

/** A JSON-RPC message, as far as it is one at all: a JSON object. */
export type Message = JsonObject;

/** Why a line is no message. A list of messages is none either: MCP has done away with batches. */
export type LineFault = "no JSON" | "no object" | "too long";
type MessageLine = { message: Message } | { fault: LineFault };

/** The messages on an input: one per line, of at most `limitBytes`. Blank lines are skipped. */
export async function* messageLines(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<MessageLine> {
  for await (const line of linesIn(source, limitBytes)) {
    if (line === undefined) yield { fault: "too long" };
    else if (line.trim() !== "") yield messageIn(line);
  }
}

function messageIn(line: string): MessageLine {
  const value = parseJson(line);
  if (value === undefined) return { fault: "no JSON" };
  return isObject(value) ? { message: value } : { fault: "no object" };
}
