import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { LIMITS } from "../../contract/limits.ts";
import { held } from "./body.ts";
import { decoderOf, isTooMuch } from "./decode.ts";
import { EventRewriter } from "../stream/event-rewriter.ts";
import { Gatherer } from "../stream/gatherer.ts";
import { ProxyFault } from "./fault.ts";
import { pairsOf, toClient } from "./headers.ts";
import type { Log } from "../log.ts";
import type { NameMap } from "../rewrite/names.ts";
import { rewriteMessage } from "../rewrite/rewrite-message.ts";

/** An answer of the API, and by which names and with what remarks it goes to the client. */
export interface Answer {
  answer: IncomingMessage;
  names: NameMap | undefined;
  /** Is told the id of a message whose names are put back. */
  onMessage?: ((messageId: string) => void) | undefined;
  log: Log;
}

type Renaming = Pick<Answer, "onMessage"> & { names: NameMap };

/** Sends an answer on, whole or as it comes. Throws ProxyFault 502 for one whose names cannot be put back. */
export async function sendAnswer(sent: Answer, response: ServerResponse): Promise<void> {
  const { answer, names, onMessage, log } = sent;
  const type = answer.headers["content-type"] ?? "";
  if (names !== undefined && /^text\/event-stream\b/i.test(type))
    return events(answer, response, { names, onMessage, log });
  if (names !== undefined && /^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    return message(answer, response, { names, onMessage });
  begin(answer, response, toClient(answer.rawHeaders, { isChanged: false }));
  await pipeline(answer, response, { end: false });
  end(answer, response);
}

async function events(
  answer: IncomingMessage,
  response: ServerResponse,
  { names, onMessage, log }: Renaming & Pick<Answer, "log">,
): Promise<void> {
  const decoder = knownDecoder(answer);
  const rewriter = new EventRewriter(names, {
    eventBytes: LIMITS.proxy.eventBytes,
    onMessage,
    onOversize: () => log.warn("An event was too large to look into; it went on as it was"),
  });
  begin(answer, response, toClient(answer.rawHeaders, { isChanged: true }));
  const stages = [...(decoder === "none" ? [] : [decoder.stream()]), new Gatherer(), rewriter];
  await pipeline([answer, ...stages, response], { end: false });
  end(answer, response);
}

async function message(answer: IncomingMessage, response: ServerResponse, renaming: Renaming): Promise<void> {
  const decoder = knownDecoder(answer);
  const raw = await wholeOf(answer);
  const bytes = decoder === "none" ? raw : await undone(raw, decoder);
  const renamed = bytes.length === 0 ? bytes : renamedBy(bytes, renaming);
  const isChanged = renamed !== bytes;
  const head = isChanged ? { isChanged, length: renamed.length } : { isChanged };
  begin(answer, response, toClient(answer.rawHeaders, head));
  response.write(isChanged ? renamed : raw);
  end(answer, response);
}

async function wholeOf(answer: IncomingMessage): Promise<Buffer> {
  try {
    return await held(answer, LIMITS.proxy.answerBytes, tooLarge);
  } catch (error) {
    if (error instanceof ProxyFault) throw error;
    throw new ProxyFault(502, "The API broke its answer off", { cause: error });
  }
}

function renamedBy(bytes: Buffer, { names, onMessage }: Renaming): Buffer {
  try {
    return rewriteMessage(bytes, names, onMessage);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ProxyFault(502, "The API's answer says it is JSON and is not", { cause: error });
    throw error;
  }
}

async function undone(
  raw: Buffer,
  decoder: Exclude<ReturnType<typeof knownDecoder>, "none">,
): Promise<Buffer> {
  try {
    return await decoder.whole(raw, { maxOutputLength: LIMITS.proxy.answerBytes });
  } catch (error) {
    if (isTooMuch(error)) throw tooLarge();
    throw new ProxyFault(502, "The API's answer is not encoded as its content-encoding says", {
      cause: error,
    });
  }
}

function knownDecoder(answer: IncomingMessage) {
  const decoder = decoderOf(answer.headers["content-encoding"]);
  if (decoder !== "unknown") return decoder;
  throw new ProxyFault(502, "The API's answer has a content-encoding that the memory proxy does not know");
}

function tooLarge(): ProxyFault {
  return new ProxyFault(502, "The API's answer is larger than what the memory proxy holds");
}

/** The head goes at once: the client learns that it was heard, however long the API thinks. */
function begin(answer: IncomingMessage, response: ServerResponse, head: string[]): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", head);
  response.flushHeaders();
}

/** Trailers are known only behind the last byte. */
function end(answer: IncomingMessage, response: ServerResponse): void {
  response.addTrailers(pairsOf(answer.rawTrailers));
  response.end();
}
