import { AppError } from "../../contract/errors.ts";

/** Input is fed in pieces this small, because one byte may give thousands and a piece's output is held in memory. */
const PIECE_BYTES = 4096;

/**
 * Decompresses Zstandard in JavaScript, frame after frame: `zlib` can only from Node 22.15 on, and then stops after
 * the first frame. Throws `damaged` when the data is torn or not Zstandard.
 */
export async function* inflateZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  // Loaded here, so that commands without compressed transcripts do not pay for it.
  const { Decompress } = await import("fzstd");
  const inflated: Buffer[] = [];
  const decoder = new Decompress((data) => inflated.push(Buffer.from(data)));
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      translateFaults(() => decoder.push(Uint8Array.from(chunk.subarray(start, start + PIECE_BYTES)), false));
      yield* inflated.splice(0);
    }
  }
  translateFaults(() => decoder.push(new Uint8Array(0), true));
  yield* inflated.splice(0);
}

function translateFaults(decode: () => void): void {
  try {
    decode();
  } catch (error) {
    throw new AppError("damaged", "The compressed transcript is torn or not Zstandard", { cause: error });
  }
}
