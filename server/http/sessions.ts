import * as z from "zod";
import { SessionId, Sha256, WorkspaceId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { SessionLines, SessionPage, SessionWritten } from "../../contract/wire.ts";
import { entityTag } from "./conditional.ts";
import { ListQuery, numberText, TimeQuery } from "./query.ts";
import { defineRoute, type Answer, type Call } from "./route.ts";
import { sendArchive, setSessionHeaders } from "./session-download.ts";
import { receiveSession } from "./session-upload.ts";
import { WriteTokenHeader } from "./write-token.ts";

const SESSION = "/api/v1/workspaces/:workspace_id/sessions/:session_id";
const params = z.object({ workspace_id: WorkspaceId, session_id: SessionId });
const listQuery = z.strictObject({ ...TimeQuery, ...ListQuery });

const SESSION_HEADERS = {
  ETag: "Digest of the raw transcript",
  "X-Session-Bytes": "Raw bytes that are stored",
  "X-Session-Sha256": "Their SHA-256",
  "X-Session-Lines": "Their lines",
  "X-Session-Revision": "1, and one more for each time the transcript diverged",
};
const WRITTEN: Record<number, Answer> = {
  200: { description: "Appended, unchanged, or kept as a new revision", schema: SessionWritten },
  201: { description: "Created", schema: SessionWritten },
};
const UploadHeaders = WriteTokenHeader.extend({
  "x-content-sha256": Sha256.optional().describe(
    "SHA-256 of the whole raw transcript; checked before anything is stored",
  ),
  "content-encoding": z.enum(["identity", "gzip"]).default("identity").describe("How the body is encoded"),
});

const listAll = defineRoute({
  method: "get",
  path: "/api/v1/sessions",
  roles: ["ai", "sync"],
  summary: "Lists the sessions of every workspace in the token's scope, newest first",
  input: { query: listQuery },
  answers: { 200: { description: "One page", schema: SessionPage } },
  run: ({ parts, principal }, { query }) => parts.gate.all(principal).listSessions(query),
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/workspaces/:workspace_id/sessions",
  roles: ["ai", "sync"],
  summary: "Lists the sessions of a workspace, newest first",
  input: { params: z.object({ workspace_id: WorkspaceId }), query: listQuery },
  answers: { 200: { description: "One page", schema: SessionPage } },
  run: ({ parts, principal }, { params, query }) =>
    parts.gate.read(principal, params.workspace_id).listSessions(query),
});

const stored = defineRoute({
  method: "head",
  path: SESSION,
  roles: ["ai", "sync"],
  summary: "What is stored of a session, so that a client sends only the rest",
  input: { params },
  answers: { 200: { description: "It is stored", headers: SESSION_HEADERS } },
  async run({ parts, principal, response }, { params }) {
    const entry = await parts.gate.read(principal, params.workspace_id).session(params.session_id);
    setSessionHeaders(response, entry);
    response.setHeader("ETag", entityTag(entry.sha256));
    response.end();
  },
});

const download = defineRoute({
  method: "get",
  path: SESSION,
  roles: ["ai", "sync"],
  summary: "The verbatim transcript; for AI tokens this server's own secrets in it are masked",
  input: {
    params,
    query: z.strictObject({
      format: z.enum(["jsonl", "gzip"]).default("jsonl").describe("gzip gives the stored archive"),
    }),
    headers: z.object({ range: z.string().optional().describe("bytes=first-last, of the transcript") }),
  },
  answers: {
    200: { description: "The transcript", mediaType: "application/x-ndjson", headers: SESSION_HEADERS },
    206: { description: "The range of it", mediaType: "application/x-ndjson" },
    304: { description: "If-None-Match names the current content" },
  },
  async run(call, { params, query }) {
    const workspace = call.parts.gate.read(call.principal, params.workspace_id);
    await sendArchive(call, workspace, { sessionId: params.session_id, gzip: query.format === "gzip" });
  },
});

const upload = defineRoute({
  method: "put",
  path: SESSION,
  roles: ["sync"],
  summary: "Stores a whole transcript; any number of times, it is stored once",
  input: { params, headers: UploadHeaders },
  bodyType: "application/x-ndjson",
  answers: WRITTEN,
  run: (call, given) => receive(call, given),
});

const append = defineRoute({
  method: "patch",
  path: SESSION,
  roles: ["sync"],
  summary:
    "Appends to a stored transcript; 409 with details bytes and sha256 when that is not what is stored",
  input: {
    params,
    headers: UploadHeaders.extend({
      "upload-offset": numberText(0, LIMITS.sessions.rawBytes).describe("Raw bytes that are stored already"),
    }),
  },
  bodyType: "application/x-ndjson",
  answers: WRITTEN,
  run: (call, given) => receive(call, given, given.headers["upload-offset"]),
});

interface GivenUpload {
  params: z.infer<typeof params>;
  headers: z.infer<typeof UploadHeaders>;
}

/** Takes a whole transcript or, with `offsetBytes`, what follows that many stored bytes. */
async function receive(
  call: Call,
  { params, headers }: GivenUpload,
  offsetBytes?: number,
): Promise<SessionWritten> {
  const { gate } = call.parts;
  const workspace = gate.upload(call.principal, params.workspace_id, headers["x-workspace-token"]);
  return receiveSession(call, workspace, {
    sessionId: params.session_id,
    sha256: headers["x-content-sha256"],
    encoding: headers["content-encoding"],
    offsetBytes,
  });
}

const lines = defineRoute({
  method: "get",
  path: `${SESSION}/lines`,
  roles: ["ai", "sync"],
  summary: "A page of a session, as a conversation or raw, with line numbers",
  input: {
    params,
    query: z.strictObject({
      from_line: numberText(1, Number.MAX_SAFE_INTEGER).optional(),
      from_char: numberText(0, Number.MAX_SAFE_INTEGER)
        .optional()
        .describe("Within from_line; from next_char"),
      max_lines: numberText(1, LIMITS.answer.lines).optional(),
      max_bytes: numberText(1, LIMITS.answer.maxBytes).optional().describe("Bytes of text in the page"),
      view: z.enum(["conversation", "raw"]).default("conversation"),
    }),
  },
  answers: { 200: { description: "The page", schema: SessionLines } },
  run: ({ parts, principal }, { params, query: { view, ...range } }) =>
    parts.gate.read(principal, params.workspace_id).readSession(params.session_id, view, range),
});

export const sessionRoutes = [listAll, list, stored, download, upload, append, lines];
