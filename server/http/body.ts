import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../contract/errors.ts";
import { HttpError } from "./http-error.ts";

export interface BodyLimits {
  maxBytes: number;
  /** How long the caller may keep us waiting in all. */
  deadlineMs: number;
  /** Average that the caller has to keep once it has used up the grace. */
  pace?: { minBytesPerSecond: number; graceMs: number };
}

/**
 * The body's bytes as they arrive. Until the first are asked for, none is read and a careful client is not told to send
 * them. Throws `too_large` (before the first byte if the length is declared) and 408 for a caller too slow.
 */
export async function* bodyChunks(
  request: IncomingMessage,
  response: ServerResponse,
  limits: BodyLimits,
): AsyncGenerator<Buffer, void> {
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  if (/(?:^|\W)100-continue(?:$|\W)/i.test(request.headers.expect ?? "")) response.writeContinue();
  const patience = new Patience(limits);
  const chunks: AsyncIterator<unknown> = request.iterator({ destroyOnReturn: false });
  let total = 0;
  try {
    for (;;) {
      const next = await patience.wait(chunks.next(), total);
      if (next.done === true) return;
      if (!Buffer.isBuffer(next.value)) throw new TypeError("a request gives buffers");
      total += next.value.length;
      if (total > limits.maxBytes) throw tooLarge(limits.maxBytes);
      yield next.value;
    }
  } finally {
    // Not awaited: it would wait for a chunk that may never come. It lets node drop what still arrives.
    void chunks.return?.();
  }
}

/** Throws when the caller keeps us waiting too long. Time that we take to store what came does not count against it. */
class Patience {
  readonly #limits: BodyLimits;
  #waitedMs = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  async wait<T>(arrival: Promise<T>, arrivedBytes: number): Promise<T> {
    const { promise: lateness, reject } = Promise.withResolvers<never>();
    const leftMs = Math.max(0, this.#allowedMs(arrivedBytes) - this.#waitedMs);
    const timer = setTimeout(() => reject(tooSlow()), leftMs);
    const startedMs = performance.now();
    try {
      return await Promise.race([arrival, lateness]);
    } finally {
      clearTimeout(timer);
      this.#waitedMs += performance.now() - startedMs;
    }
  }

  #allowedMs(arrivedBytes: number): number {
    const { deadlineMs, pace } = this.#limits;
    if (pace === undefined) return deadlineMs;
    return Math.min(deadlineMs, pace.graceMs + (arrivedBytes / pace.minBytesPerSecond) * 1000);
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("too_large", `The body is larger than ${maxBytes} bytes`);
}

function tooSlow(): HttpError {
  return new HttpError(408, "unavailable", "The body did not arrive in time", { hint: "Send it again" });
}
