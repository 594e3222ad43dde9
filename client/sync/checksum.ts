import { createHash } from "node:crypto";

const CHECKSUM = /^\{"checksum":"([0-9a-f]{64})",/;
const CHECKSUM_BYTES = 84;

/** A value as JSON whose first key is the checksum of the rest; `as` says what it is. Only for objects that have keys. */
export function withChecksum(value: object, as: string): string {
  const rest = JSON.stringify(value).slice(1);
  return `{"checksum":"${checksumOf(rest, as)}",${rest}`;
}

/**
 * True for a text that `withChecksum` made, with the same `as`, and that nothing has changed since: it needs no second look
 * at its shape. That is no secret: it tells damage and earlier versions, not malice.
 */
export function hasChecksum(bytes: Buffer, as: string): boolean {
  const [head = "", checksum] = CHECKSUM.exec(bytes.toString("latin1", 0, CHECKSUM_BYTES)) ?? [];
  return checksum !== undefined && checksumOf(bytes.subarray(head.length), as) === checksum;
}

function checksumOf(rest: string | Buffer, as: string): string {
  return createHash("sha256").update(`${as}\n`).update(rest).digest("hex");
}
