import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import type { ArchiveStream, ReadableWorkspace } from "../access/workspace.ts";
import { entityTag, isNotModified } from "./conditional.ts";
import { type ByteRange, requestedRange } from "./range.ts";
import type { Call } from "./route.ts";

interface Wanted {
  sessionId: string;
  /** The stored archive instead of its lines. */
  gzip: boolean;
}

/** Answers GET: the whole, or the range asked for, streamed as fast as the caller takes it. */
export async function sendArchive(
  call: Call,
  workspace: ReadableWorkspace,
  { sessionId, gzip }: Wanted,
): Promise<void> {
  const { request, response } = call;
  // The session may grow at any moment; what this one gives is what its tag names.
  const { entry, stream } = await workspace.openSession(sessionId, { gzip });
  const tag = entityTag(gzip ? `${entry.sha256}-gzip` : entry.sha256);
  if (isNotModified(request, response, tag)) return;
  const isRanged = !gzip && isSameAs(request.get("if-range"), tag);
  const range = isRanged ? requestedRange(request.headers.range, entry.bytes) : undefined;
  const opened = await stream(range && { fromByte: range.first, toByte: range.last + 1 });
  try {
    if (range !== undefined) setRange(response, range, entry.bytes);
    setSessionHeaders(response, entry);
    await send(call, opened, { sessionId, gzip });
  } finally {
    opened.stream.destroy();
  }
}

async function send(
  { response, signal }: Call,
  { encoding, sizeBytes, stream }: ArchiveStream,
  { sessionId, gzip }: Wanted,
): Promise<void> {
  response.setHeader("Accept-Ranges", gzip ? "none" : "bytes");
  setContentHeaders(response, sessionId, encoding);
  response.setHeader("Content-Length", sizeBytes);
  // A caller that stops reading must not hold an open archive for ever.
  response.setTimeout(LIMITS.http.requestTimeoutMs, () => response.destroy());
  await pipeline(stream, response, { signal });
}

export function setSessionHeaders(response: Response, entry: SessionEntry): void {
  response.setHeader("X-Session-Bytes", entry.bytes);
  response.setHeader("X-Session-Sha256", entry.sha256);
  response.setHeader("X-Session-Lines", entry.lines);
  response.setHeader("X-Session-Revision", entry.revision);
}

function setRange(response: Response, { first, last }: ByteRange, sizeBytes: number): void {
  response.status(206).setHeader("Content-Range", `bytes ${first}-${last}/${sizeBytes}`);
}

function setContentHeaders(response: Response, sessionId: string, encoding: "identity" | "gzip"): void {
  const isGzip = encoding === "gzip";
  response.setHeader("Content-Type", isGzip ? "application/gzip" : "application/x-ndjson; charset=utf-8");
  response.setHeader(
    "Content-Disposition",
    `attachment; filename="${sessionId}.jsonl${isGzip ? ".gz" : ""}"`,
  );
}

/** RFC 9110, section 13.1.5: a range counts only if the content is still the one it was meant for. */
function isSameAs(ifRange: string | undefined, tag: string): boolean {
  return ifRange === undefined || ifRange.trim() === tag;
}
