import type { JsonObject } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { fieldOf } from "../json/fields.ts";
import type { NameMap } from "./names.ts";

/**
 * The names by which answers were renamed that a client may go on from. In a thread (the API's beta
 * `message-threads-2026-08-12`) only the request that begins it has to bring the tools; each later one names the answer it
 * follows. Held in memory, the latest `proxy.threadAnswers` of them: after that, or a restart, such a request is like any without tools.
 */
export class Threads {
  readonly #names = new Map<string, NameMap>();

  /** Those of the answer that a request goes on from. */
  namesFor(request: JsonObject): NameMap | undefined {
    const previous = fieldOf(request["thread"], "previous_message_id");
    return typeof previous === "string" ? this.#names.get(previous) : undefined;
  }

  /** To be told the id of a request's answer; undefined when nobody can go on from it, or it is not renamed. */
  listener(request: JsonObject, names: NameMap | undefined): ((messageId: string) => void) | undefined {
    const isThread = typeof fieldOf(request["thread"], "type") === "string";
    if (names === undefined || !isThread) return undefined;
    return (messageId) => this.#keep(messageId, names);
  }

  #keep(messageId: string, names: NameMap): void {
    this.#names.delete(messageId);
    this.#names.set(messageId, names);
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= LIMITS.proxy.threadAnswers) return;
      this.#names.delete(oldest);
    }
  }
}
