import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Carries the secret that the proxy was given; never sent on. */
export const SECRET_HEADER = "x-memory-proxy-secret";

/** True when no secret is asked for, or the request brings it. How long that takes tells nothing about the secret. */
export function isAdmitted({ headers }: IncomingMessage, secret: string | undefined): boolean {
  if (secret === undefined) return true;
  const given = headers[SECRET_HEADER];
  return typeof given === "string" && timingSafeEqual(digestOf(given), digestOf(secret));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
