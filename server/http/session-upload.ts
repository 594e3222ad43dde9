import { LIMITS } from "../../contract/limits.ts";
import type { SessionWritten } from "../../contract/wire.ts";
import type { SessionUpload, UploadWorkspace } from "../access/workspace.ts";
import { bodyChunks } from "./body.ts";
import type { Call } from "./route.ts";

/** Streams the request's body into the store. Nothing is stored of a body that breaks off, is too large or too slow. */
export async function receiveSession(
  { request, response, signal }: Call,
  workspace: UploadWorkspace,
  upload: Pick<SessionUpload, "sessionId" | "sha256" | "encoding" | "offsetBytes">,
): Promise<SessionWritten> {
  const source = bodyChunks(request, response, {
    maxBytes: upload.encoding === "gzip" ? LIMITS.sessions.gzipBytes : LIMITS.sessions.rawBytes,
    deadlineMs: LIMITS.http.uploadTimeoutMs,
    pace: { minBytesPerSecond: LIMITS.http.uploadMinBytesPerSecond, graceMs: LIMITS.http.idleTimeoutMs },
  });
  const written = await workspace.uploadSession({ ...upload, source, signal });
  response.status(written.status === "created" ? 201 : 200);
  return written;
}
