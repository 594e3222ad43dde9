import * as z from "zod";
import { DocumentPath } from "../../contract/document-path.ts";
import { WorkspaceId } from "../../contract/ids.ts";
import { KnowledgePath } from "../../contract/knowledge-path.ts";
import { LIMITS } from "../../contract/limits.ts";
import { MEMORIES } from "../../contract/memory-prefix.ts";
import { KnowledgeDeleted, KnowledgePage, KnowledgeWritten } from "../../contract/wire.ts";
import { assertOwn, BindingHeader } from "./binding.ts";
import { entityTag, expectedDigest, withPrecondition } from "./conditional.ts";
import { DOCUMENT_ANSWERS, sendDocument } from "./document.ts";
import { assertPlainEncoding } from "./json-body.ts";
import { AtQuery, ListQuery } from "./query.ts";
import { defineRoute } from "./route.ts";
import { WriteTokenHeader } from "./write-token.ts";

const FILE = "/api/v1/workspaces/:workspace_id/knowledge/*path";
const params = z.object({ workspace_id: WorkspaceId, path: KnowledgePath });

const list = defineRoute({
  method: "get",
  path: "/api/v1/workspaces/:workspace_id/knowledge",
  roles: ["ai", "sync"],
  summary: "Lists the knowledge files of a workspace, by path, then its memories",
  input: {
    params: z.object({ workspace_id: WorkspaceId }),
    query: z.strictObject({
      prefix: z.string().max(LIMITS.knowledge.pathBytes).optional().describe("Only paths that begin so"),
      ...ListQuery,
    }),
  },
  answers: { 200: { description: "One page", schema: KnowledgePage } },
  run: ({ parts, principal }, { params: { workspace_id }, query }) =>
    parts.gate.read(principal, workspace_id).listKnowledge(query),
});

const read = defineRoute({
  method: "get",
  path: FILE,
  roles: ["ai", "sync"],
  summary: "The text of a knowledge file",
  input: { params, query: AtQuery },
  answers: DOCUMENT_ANSWERS,
  async run({ parts, principal, request, response }, { params: { workspace_id, path }, query }) {
    sendDocument(
      request,
      response,
      await parts.gate.read(principal, workspace_id).openKnowledge(path, query),
    );
  },
});

const readMemory = defineRoute({
  method: "get",
  path: "/api/v1/workspaces/:workspace_id/memories/*path",
  roles: ["ai", "sync"],
  summary: "The text of a memory: a file that an AI keeps with the memory tool",
  input: {
    params: z.object({
      workspace_id: WorkspaceId,
      path: z
        .string()
        .transform((path) => `${MEMORIES}${path}`)
        .pipe(DocumentPath),
    }),
    query: AtQuery,
  },
  answers: DOCUMENT_ANSWERS,
  async run({ parts, principal, request, response }, { params: { workspace_id, path }, query }) {
    sendDocument(
      request,
      response,
      await parts.gate.read(principal, workspace_id).openKnowledge(path, query),
    );
  },
});

const write = defineRoute({
  method: "put",
  path: FILE,
  roles: ["sync"],
  summary: "Writes a knowledge file; the earlier content stays a version",
  input: { params, headers: WriteTokenHeader },
  bodyType: "text/markdown",
  answers: {
    200: {
      description: "Updated, or unchanged",
      schema: KnowledgeWritten,
      headers: { ETag: "Digest of the content" },
    },
    201: { description: "Created", schema: KnowledgeWritten, headers: { ETag: "Digest of the content" } },
  },
  async run({ parts, principal, request, response, bodies }, { params: { workspace_id, path }, headers }) {
    const workspace = parts.gate.upload(principal, workspace_id, headers["x-workspace-token"]);
    const expected = expectedDigest(request);
    assertPlainEncoding(request);
    const content = await bodies.read(request, response, LIMITS.knowledge.fileBytes);
    const written = await withPrecondition(expected, () =>
      workspace.uploadKnowledge(path, content, expected),
    );
    response.status(written.status === "created" ? 201 : 200).setHeader("ETag", entityTag(written.sha256));
    return written;
  },
});

const remove = defineRoute({
  method: "delete",
  path: FILE,
  roles: ["ai"],
  summary: "Deletes a knowledge file of the caller's own workspace; its content stays a version",
  input: { params, headers: BindingHeader },
  answers: { 200: { description: "Deleted", schema: KnowledgeDeleted } },
  async run({ parts, principal, request }, { params: { workspace_id, path }, headers }) {
    const workspace = assertOwn(parts.gate, principal, workspace_id, headers["x-workspace-binding"]);
    const expected = expectedDigest(request);
    return withPrecondition(expected, () => workspace.deleteKnowledge(path, expected));
  },
});

export const knowledgeRoutes = [list, read, readMemory, write, remove];
