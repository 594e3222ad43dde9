import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import { SessionId, Sha256 } from "../../../contract/ids.ts";
import { SessionWritten } from "../../../contract/wire.ts";
import { ADDS, defineTool } from "../tool.ts";
import { UPLOAD_ARGUMENTS, WellFormedText } from "../upload-arguments.ts";

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const uploadSession = defineTool({
  name: "upload_session",
  title: "Upload a session",
  description:
    "Upload one agent session (transcript, JSONL) into a workspace, for sync clients; it is kept verbatim. Known bytes store nothing, grown transcripts are appended, others become a revision. Transcripts of more than 3 MB go over HTTP: PUT /api/v1/workspaces/{id}/sessions/{id}.",
  access: "upload",
  effects: ADDS,
  input: z.strictObject({
    ...UPLOAD_ARGUMENTS,
    session_id: SessionId,
    content: WellFormedText.describe("The whole transcript"),
    encoding: z
      .enum(["text", "gzip-base64"])
      .default("text")
      .describe("How content is written: as it is, or gzip in base64"),
    sha256: Sha256,
  }),
  output: SessionWritten,
  run: ({ session_id, content, encoding, sha256 }, workspace, { signal }) =>
    workspace.uploadSession({
      sessionId: session_id,
      source: once(encoding === "text" ? Buffer.from(content) : fromBase64(content)),
      encoding: encoding === "text" ? "identity" : "gzip",
      sha256,
      signal,
    }),
});

function fromBase64(text: string): Buffer {
  if (text.length % 4 !== 0 || !BASE64.test(text))
    throw new AppError("invalid_input", "content: not base64, as encoding says it is");
  return Buffer.from(text, "base64");
}

// oxlint-disable-next-line require-await -- an upload is read as a stream; this one has a single piece
async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
