import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { bodyChunks } from "./body.ts";

/** Reads whole bodies into memory: each within its own limit, and all together within theirs. */
export class BodyBuffer {
  readonly #capacityBytes: number;
  #heldBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** The body; it counts as held until the response is over. Throws `unavailable` when too much is held already. */
  async read(request: IncomingMessage, response: ServerResponse, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let ownBytes = 0;
    response.once("close", () => (this.#heldBytes -= ownBytes));
    const limits = { maxBytes, deadlineMs: LIMITS.http.requestTimeoutMs };
    for await (const chunk of bodyChunks(request, response, limits)) {
      if (response.closed || this.#heldBytes + chunk.length > this.#capacityBytes) throw crowded();
      ownBytes += chunk.length;
      this.#heldBytes += chunk.length;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function crowded(): AppError {
  return new AppError("unavailable", "Too many large requests at once", {
    hint: "Try again in a few seconds",
  });
}
