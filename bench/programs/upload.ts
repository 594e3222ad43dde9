import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { chunkMembers } from "../../client/remote/chunk-members.ts";
import { SessionWritten } from "../../contract/wire.ts";
import type { Exchange, HttpClient } from "./http-client.ts";

/** A transcript on its way to the server, ready to be sent. */
export interface UploadBody {
  encoding: "identity" | "gzip";
  data: Buffer;
  /** Of the whole transcript. */
  sha256: string;
  /** Raw bytes that the server has already; set for a tail. */
  offset?: number;
}

/** As `memory-sync` sends it: with its digest, and compressed in chunks. */
export async function uploadBody(raw: Buffer): Promise<UploadBody> {
  return { encoding: "gzip", data: await buffer(chunkMembers(Readable.from([raw]))), sha256: digest(raw) };
}

/** As others may send it: as it is, or compressed as any program does. */
export function plainBody(raw: Buffer, encoding: UploadBody["encoding"]): UploadBody {
  return { encoding, data: encoding === "gzip" ? gzipSync(raw) : raw, sha256: digest(raw) };
}

/** What follows the first `offset` bytes of a transcript. */
export async function tailBody(raw: Buffer, offset: number): Promise<UploadBody> {
  return { ...(await uploadBody(raw.subarray(offset))), sha256: digest(raw), offset };
}

/** Sends it and waits for the answer. Throws unless the server stored something new. */
export async function upload(
  client: HttpClient,
  path: string,
  { encoding, data, sha256, offset }: UploadBody,
): Promise<Exchange> {
  const headers = {
    "content-type": "application/x-ndjson",
    "content-encoding": encoding,
    "x-content-sha256": sha256,
    ...(offset !== undefined && { "upload-offset": String(offset) }),
  };
  const method = offset === undefined ? "PUT" : "PATCH";
  const exchange = await client.send({ method, path, headers, body: data });
  const { status, same_as: sameAs } = SessionWritten.parse(JSON.parse(exchange.body.toString("utf8")));
  const expected = offset === undefined ? "created" : "appended";
  if (status !== expected || sameAs !== undefined) throw new Error(`${path} was ${status}, not ${expected}`);
  return exchange;
}

/** The transcript with a line of its own at its beginning, so that no other has the same bytes. */
export function unlikeOthers(raw: Buffer, sessionId: string): Buffer {
  return Buffer.concat([
    Buffer.from(`${JSON.stringify({ type: "mode", mode: "normal", sessionId })}\n`),
    raw,
  ]);
}

function digest(raw: Buffer): string {
  return createHash("sha256").update(raw).digest("hex");
}
