import { LIMITS } from "../../contract/limits.ts";
import type { SessionWritten } from "../../contract/wire.ts";
import type { SessionUpload, UploadWorkspace } from "../access/workspace.ts";
import { bodyChunks, welcomeBody } from "./body.ts";
import type { Call } from "./route.ts";

/**
 * Streams the request's body into the store. Nothing is read before the upload is admitted, and nothing is stored of
 * a body that breaks off, is too large or too slow.
 */
export async function receiveSession(
  { request, response, signal, uploads }: Call,
  workspace: UploadWorkspace,
  upload: Pick<SessionUpload, "sessionId" | "sha256" | "encoding" | "offsetBytes">,
): Promise<SessionWritten> {
  using _slot = await uploads.acquire(signal);
  const source = bodyChunks(request, {
    maxBytes: upload.encoding === "gzip" ? LIMITS.sessions.gzipBytes : LIMITS.sessions.rawBytes,
    deadlineMs: LIMITS.http.uploadTimeoutMs,
    pace: { minBytesPerSecond: LIMITS.http.uploadMinBytesPerSecond, graceMs: LIMITS.http.idleTimeoutMs },
  });
  welcomeBody(request, response);
  const written = await workspace.uploadSession({ ...upload, source, signal });
  response.status(written.status === "created" ? 201 : 200);
  return written;
}
