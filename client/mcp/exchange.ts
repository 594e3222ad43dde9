import { isObject } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { messagesIn } from "./answer-messages.ts";
import { isUnbound, wantsBinding } from "./bound-calls.ts";
import type { Endpoint } from "./endpoint.ts";
import { headersOf } from "./headers.ts";
import type { Message } from "./message-lines.ts";
import { Patience } from "./patience.ts";

/** Where the proof comes from that calls which write must show. */
export interface Binding {
  /** Is shown every message of the client, which says in some who it is. */
  notice(message: Message): void;
  /** The proof; undefined where this token is given none. */
  proof(): Promise<string | undefined>;
  /** Another one than this, which the server does not take any more. */
  renew(stale: string): Promise<string | undefined>;
}

/** Takes messages to an endpoint in the words of HTTP, and gives what it answers. */
export class Exchange {
  readonly #endpoint: Endpoint;
  readonly #binding: Binding | undefined;
  /** The revision that `initialize` agreed on. */
  #agreed: string | undefined;

  constructor(endpoint: Endpoint, binding: Binding | undefined) {
    this.#endpoint = endpoint;
    this.#binding = binding;
  }

  /**
   * The messages with which one is answered; none for a notification. A call that writes shows the binding, and is repeated
   * once with a new one where the server knows the first no more. Throws RemoteError.
   */
  async *answersTo(message: Message, cancel: AbortSignal): AsyncGenerator<Message> {
    this.#binding?.notice(message);
    const proof = wantsBinding(message) ? await this.#binding?.proof() : undefined;
    for await (const answer of this.#ask(message, proof, cancel)) {
      if (message["method"] === "initialize") this.#agreed = versionIn(answer) ?? this.#agreed;
      const renewed =
        proof !== undefined && isUnbound(answer) ? await this.#binding?.renew(proof) : undefined;
      if (renewed === undefined) yield answer;
      else yield* this.#ask(message, renewed, cancel);
    }
  }

  async *#ask(message: Message, proof: string | undefined, cancel: AbortSignal): AsyncGenerator<Message> {
    using patience = new Patience(cancel, LIMITS.client.mcpAnswerMs);
    const headers = {
      ...headersOf(message, this.#agreed),
      ...(proof !== undefined && { "x-workspace-binding": proof }),
    };
    const response = await this.#endpoint(message, { headers, signal: patience.signal });
    for await (const answer of messagesIn(response, () => patience.heard())) yield withId(answer, message);
  }
}

/** A server that refuses a request before it knows its id answers with none. */
function withId(answer: Message, { id }: Message): Message {
  return answer["id"] === null && id !== undefined ? { ...answer, id } : answer;
}

function versionIn({ result }: Message): string | undefined {
  const version = isObject(result) ? result["protocolVersion"] : undefined;
  return typeof version === "string" ? version : undefined;
}
