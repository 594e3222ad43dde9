import { isObject, parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { failureIn, strangeAnswer } from "../remote/answer.ts";
import { RemoteError } from "../remote/remote-error.ts";
import { linesIn } from "./lines.ts";
import type { Message } from "./message-lines.ts";

const { answerBytes } = LIMITS.client;

/**
 * The messages of an answer, as they arrive: one JSON value, a stream of events with one message each, or none. An error in
 * the words of JSON-RPC is a message too, whatever the status. `heard` is called whenever bytes arrive. Throws RemoteError
 * for an answer that breaks off or is not MCP's.
 */
export async function* messagesIn(response: Response, heard: () => void): AsyncGenerator<Message> {
  const body = bytesOf(response, heard);
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  yield* type === "text/event-stream" ? eventMessages(body) : singleMessage(response, await textOf(body));
}

function* singleMessage(response: Response, text: string): Generator<Message> {
  const message = parseJson(text);
  if (isRpc(message)) yield message;
  else if (!response.ok) throw failureIn(response, { text, tokenFrom: undefined });
  else if (text !== "") throw strangeAnswer();
}

/** Lines other than those of data, such as the comments that keep a connection open, say nothing. */
async function* eventMessages(body: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  let data: string[] = [];
  for await (const line of linesIn(body, answerBytes)) {
    if (line === undefined) throw strangeAnswer();
    if (line.startsWith("data:")) data.push(line.slice("data:".length));
    if (line !== "" || data.join("").trim() === "") continue;
    const message = parseJson(data.join("\n"));
    data = [];
    if (!isRpc(message)) throw strangeAnswer();
    yield message;
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of body) {
    sizeBytes += part.length;
    if (sizeBytes > answerBytes) throw strangeAnswer();
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function* bytesOf({ body }: Response, heard: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of body ?? []) {
      heard();
      yield part;
    }
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const message = isLate ? "The server did not answer in time" : "The server's answer broke off";
    throw new RemoteError("network", message, { cause: error });
  }
}

function isRpc(value: unknown): value is Message {
  return isObject(value) && value["jsonrpc"] === "2.0";
}
