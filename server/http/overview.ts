import * as z from "zod";
import { WorkspaceId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { OverviewWritten, WorkspacePage } from "../../contract/wire.ts";
import { assertOwn, BindingHeader } from "./binding.ts";
import { expectedDigest, entityTag, withPrecondition } from "./conditional.ts";
import { assertPlainEncoding } from "./json-body.ts";
import { AtQuery } from "./query.ts";
import { defineRoute } from "./route.ts";
import { decodeText, DOCUMENT_ANSWERS, sendDocument } from "./document.ts";

const PATH = "/api/v1/workspaces/:workspace_id/overview";
const params = z.object({ workspace_id: WorkspaceId });

const Overview = z.object({
  readme: z.string().describe("README.md of the server"),
  index: z.string().describe("INDEX.md of the server"),
  workspaces: WorkspacePage,
});

const globalOverview = defineRoute({
  method: "get",
  path: "/api/v1/overview",
  roles: ["ai", "sync"],
  summary: "What this memory holds: its global pages and the workspaces in the token's scope",
  input: {},
  answers: { 200: { description: "The overview", schema: Overview } },
  run: ({ parts, principal }) => parts.gate.all(principal).overview(),
});

const readOverview = defineRoute({
  method: "get",
  path: PATH,
  roles: ["ai", "sync"],
  summary: "The page a workspace shows first",
  input: { params, query: AtQuery },
  answers: DOCUMENT_ANSWERS,
  async run({ parts, principal, request, response }, { params: { workspace_id }, query }) {
    sendDocument(request, response, await parts.gate.read(principal, workspace_id).readOverview(query));
  },
});

const writeOverview = defineRoute({
  method: "put",
  path: PATH,
  roles: ["ai"],
  summary: "Writes the overview of the workspace that the binding proves to be the caller's own",
  input: { params, headers: BindingHeader },
  bodyType: "text/markdown",
  answers: {
    200: {
      description: "Updated, or unchanged",
      schema: OverviewWritten,
      headers: { ETag: "Digest of the content" },
    },
    201: { description: "Created", schema: OverviewWritten, headers: { ETag: "Digest of the content" } },
  },
  async run({ parts, principal, request, response, bodies }, { params: { workspace_id }, headers }) {
    const workspace = assertOwn(parts.gate, principal, workspace_id, headers["x-workspace-binding"]);
    const expected = expectedDigest(request);
    assertPlainEncoding(request);
    const content = decodeText(await bodies.read(request, response, LIMITS.overview.fileBytes));
    const written = await withPrecondition(expected, () => workspace.writeOverview(content, expected));
    response.status(written.status === "created" ? 201 : 200).setHeader("ETag", entityTag(written.sha256));
    return written;
  },
});

export const overviewRoutes = [globalOverview, readOverview, writeOverview];
