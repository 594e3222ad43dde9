import { createHash } from "node:crypto";

const SEAL = /^\{"seal":"([0-9a-f]{64})",/;
const SEAL_BYTES = 80;

/** A value as JSON whose first key seals the rest; `as` says what it is. Only objects that have keys can be sealed. */
export function sealed(value: object, as: string): string {
  const rest = JSON.stringify(value).slice(1);
  return `{"seal":"${sealOf(rest, as)}",${rest}`;
}

/**
 * True for a text that `sealed` made, with the same `as`, and that nothing has changed since: it needs no second look at its
 * shape. That is no secret: it tells damage and earlier versions, not malice.
 */
export function isSealed(bytes: Buffer, as: string): boolean {
  const [head = "", seal] = SEAL.exec(bytes.toString("latin1", 0, SEAL_BYTES)) ?? [];
  return seal !== undefined && sealOf(bytes.subarray(head.length), as) === seal;
}

function sealOf(rest: string | Buffer, as: string): string {
  return createHash("sha256").update(`${as}\n`).update(rest).digest("hex");
}
