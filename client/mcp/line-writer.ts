import type { Writable } from "node:stream";
import { isErrno } from "../../disk/errno.ts";
import type { Message } from "./message-lines.ts";

/** What a pipe says whose reader is gone. */
const GONE = ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"];

/**
 * The only writer of an output that others read as messages, one per line. Waits while the reader is slow. Once it is gone,
 * `gone` is aborted and what follows is dropped.
 */
export class LineWriter {
  readonly #output: Writable;
  readonly #gone = new AbortController();

  constructor(output: Writable) {
    this.#output = output;
    output.on("error", (error) => {
      if (!isErrno(error, ...GONE)) throw error;
      this.#gone.abort();
    });
  }

  /** Aborted once nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Resolves when the line has gone out, or nobody is there to read it. */
  async write(message: Message): Promise<void> {
    if (this.gone.aborted) return;
    const line = `${JSON.stringify(message)}\n`;
    // A failure is told by the stream's event too.
    await new Promise<void>((resolve) => this.#output.write(line, () => resolve()));
  }
}
