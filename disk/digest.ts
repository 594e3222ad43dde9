import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

const PIECE_BYTES = 64 * 1024;

/** SHA-256 of bytes or of a text in UTF-8, as 64 lower-case hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 of what comes in pieces that are there at once; each piece may be gone when the next is asked for. */
export function sha256OfPieces(pieces: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** SHA-256 of a whole open file, whatever its size; the handle's own position stays where it is. */
export async function digestOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, position);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
}
