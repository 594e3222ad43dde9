import type { Readable } from "node:stream";
import { LIMITS } from "../../contract/limits.ts";
import { describeFailure } from "../format.ts";
import { Calls, type CallId } from "./calls.ts";
import type { Endpoint } from "./endpoint.ts";
import { Exchange, type Binding } from "./exchange.ts";
import { paramsOf } from "./envelope.ts";
import type { LineWriter } from "./line-writer.ts";
import { messageLines, type LineFault, type Message } from "./message-lines.ts";
import { errorAnswer, RPC } from "./rpc-error.ts";

/** What a bridge joins. */
interface BridgeParts {
  endpoint: Endpoint;
  source: Readable;
  writer: LineWriter;
  /** For calls that write; undefined where the endpoint asks for no proof. */
  binding: Binding | undefined;
  /** Tells the person what went wrong, beside the messages. */
  log: (line: string) => void;
}

const FAULTS = {
  "no JSON": { code: RPC.parseError, message: "Parse error: the line is not JSON" },
  "no object": { code: RPC.invalidRequest, message: "Invalid request: one JSON object per line" },
  "too long": {
    code: RPC.invalidRequest,
    message: `Invalid request: a message is at most ${LIMITS.json.bodyBytes} bytes`,
  },
} as const satisfies Record<LineFault, { code: number; message: string }>;

/**
 * Carries MCP between lines and an endpoint until the input ends, and what was asked by then is answered; or until nobody
 * reads the answers. A call that fails is answered with a JSON-RPC error, is not tried again, and ends nothing else.
 */
export async function runBridge({ source, writer, ...parts }: BridgeParts): Promise<void> {
  const bridge = new Bridge(writer, parts);
  writer.gone.addEventListener("abort", () => source.destroy(), { once: true });
  try {
    for await (const line of messageLines(source, LIMITS.json.bodyBytes)) {
      if ("fault" in line) await writer.write(errorAnswer(null, FAULTS[line.fault]));
      else await bridge.take(line.message);
    }
  } catch (error) {
    // Destroyed above.
    if (!writer.gone.aborted) throw error;
  }
  await bridge.end();
}

class Bridge {
  readonly #writer: LineWriter;
  readonly #exchange: Exchange;
  readonly #log: (line: string) => void;
  readonly #calls = new Calls();
  /** Calls whose answers have no end of their own. */
  readonly #listening = new Set<CallId>();

  constructor(writer: LineWriter, { endpoint, binding, log }: Omit<BridgeParts, "source" | "writer">) {
    this.#writer = writer;
    this.#exchange = new Exchange(endpoint, binding);
    this.#log = log;
  }

  /** Waits while as many calls as may are under way. */
  async take(message: Message): Promise<void> {
    const id = idOf(message);
    const { method } = message;
    if (method === "notifications/cancelled") return this.#calls.cancel(paramsOf(message)["requestId"]);
    if (method === "subscriptions/listen" && id !== undefined) this.#listening.add(id);
    await this.#calls.start(id, (cancel) => this.#answer(message, id, cancel));
    // What follows is said in the revision that this agrees on.
    if (method === "initialize") await this.#calls.settled();
  }

  async end(): Promise<void> {
    if (this.#writer.gone.aborted) this.#calls.cancelAll();
    for (const id of this.#listening) this.#calls.cancel(id);
    await this.#calls.settled();
  }

  async #answer(message: Message, id: CallId | undefined, cancel: AbortSignal): Promise<void> {
    try {
      for await (const answer of this.#exchange.answersTo(message, cancel)) {
        if (cancel.aborted) return;
        await this.#writer.write(answer);
      }
    } catch (error) {
      // Who cancels a call does not wait for its answer.
      if (cancel.aborted) return;
      const said = describeFailure(error);
      this.#log(said);
      if (id !== undefined)
        await this.#writer.write(errorAnswer(id, { code: RPC.internalError, message: said }));
    }
  }
}

/** Undefined for a notification, and for what answers something. */
function idOf({ method, id }: Message): CallId | undefined {
  return typeof method === "string" && (typeof id === "string" || typeof id === "number") ? id : undefined;
}
