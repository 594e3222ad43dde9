import type { Readable } from "node:stream";
import { LIMITS } from "../../contract/limits.ts";
import { parsePayload, type HookPayload } from "./payload.ts";

/** What a hook was started with instead of a payload. */
export type NoPayload = "nothing" | "no JSON";

/**
 * The payload from stdin, as soon as it is complete: some clients never close the pipe. None when the input
 * ends, pauses for `LIMITS.client.hookStdinMs`, grows too large, or is not complete after `readMs`.
 */
export async function readPayload(stdin: Readable, readMs: number): Promise<HookPayload | NoPayload> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // On a busy machine a timer may be seen before input that was there first; an immediate comes after both.
    const giveUp = (): void => void setImmediate(() => finish(missing()));
    const missing = (): NoPayload => (size === 0 ? "nothing" : "no JSON");
    const deadline = setTimeout(giveUp, readMs);
    const pause = setTimeout(giveUp, LIMITS.client.hookStdinMs);
    const finish = (payload: HookPayload | NoPayload): void => {
      clearTimeout(deadline);
      clearTimeout(pause);
      stdin.removeAllListeners("data");
      stdin.pause();
      resolve(payload);
    };
    stdin.on("data", (chunk: Buffer) => {
      pause.refresh();
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMITS.client.hookStdinBytes) return finish(missing());
      const payload = parsePayload(Buffer.concat(chunks).toString("utf8"));
      if (payload !== undefined) finish(payload);
    });
    stdin.on("end", () => finish(missing()));
    stdin.on("error", () => finish(missing()));
  });
}
