import { AppError } from "../../contract/errors.ts";

/** What of the limits of an upload is about a gzip. */
interface GzipLimits {
  gzipBytes: number;
  inflateRatio: number;
  ratioGraceBytes: number;
}

/** Counts what arrives of one gzip and what comes out of it. Throws `too_large` at a limit. */
export class GzipMeter {
  readonly #limits: GzipLimits;
  #arrivedBytes = 0;
  #inflatedBytes = 0;

  constructor(limits: GzipLimits) {
    this.#limits = limits;
  }

  arrived(bytes: number): void {
    this.#arrivedBytes += bytes;
    const { gzipBytes } = this.#limits;
    if (this.#arrivedBytes > gzipBytes)
      throw new AppError("too_large", `The compressed transcript is larger than ${gzipBytes} bytes`);
  }

  inflated(bytes: number): void {
    this.#inflatedBytes += bytes;
    const { ratioGraceBytes, inflateRatio } = this.#limits;
    if (this.#inflatedBytes > ratioGraceBytes && this.#inflatedBytes > inflateRatio * this.#arrivedBytes)
      throw new AppError("too_large", `The gzip inflates to more than ${inflateRatio} times its size`, {
        hint: "Send such a transcript without compression",
      });
  }
}

/** What was sent as a gzip is none, is damaged, or goes on behind its end. */
export function notGzip(cause?: unknown): AppError {
  return new AppError("invalid_input", "The transcript is not one intact gzip file", {
    cause,
    hint: "Send the whole file, or send it without Content-Encoding",
  });
}
