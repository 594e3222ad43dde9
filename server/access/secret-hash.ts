import { createHash } from "node:crypto";

/** SHA-256 of a secret as bytes, to be compared in constant time. Secrets are 128 random bits and more, so a fast hash is enough. */
export function secretHash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
