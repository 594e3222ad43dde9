import { createHash, type Hash } from "node:crypto";
import { LIMITS } from "../../contract/limits.ts";
import type { Pace } from "./pace.ts";

/**
 * Running hashes of transcripts that were stored lately, by their digest: when such a session grows, only its tail
 * has to be hashed, not everything again.
 */
export class HashMemory {
  readonly #hashes = new Map<string, Hash>();

  /** A hash that has seen exactly the bytes with this digest; yours to go on with. */
  get(digest: string): Hash | undefined {
    return this.#hashes.get(digest)?.copy();
  }

  /** Gives the digest of a hash and remembers the hash under it. */
  finish(hash: Hash): string {
    const digest = hash.copy().digest("hex");
    this.#hashes.delete(digest);
    this.#hashes.set(digest, hash);
    const oldest =
      this.#hashes.size > LIMITS.sessions.rememberedDigests ? this.#hashes.keys().next().value : undefined;
    if (oldest !== undefined) this.#hashes.delete(oldest);
    return digest;
  }
}

const PIECE_BYTES = 512 * 1024;

/** Adds many bytes to a hash without holding up other requests. */
export async function addTo(hash: Hash, data: Buffer, pace: Pace): Promise<void> {
  for await (const piece of pace.pieces(data, PIECE_BYTES)) hash.update(piece);
}

/** A hash that has seen nothing. */
export function newHash(): Hash {
  return createHash("sha256");
}
