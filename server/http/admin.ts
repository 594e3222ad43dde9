import * as z from "zod";
import { WorkspaceId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { GivenTime, IndexStatus, Role, TokenEntry } from "../../contract/wire.ts";
import { joinAdminRoutes } from "./admin-joins.ts";
import { defineRoute } from "./route.ts";

const roles = ["admin"] as const;
const workspace = z.object({ workspace_id: WorkspaceId });

const TokenRequest = z.strictObject({
  name: z.string().min(1).max(LIMITS.tokens.nameBytes).describe("What the token is for"),
  role: Role,
  workspaces: z
    .array(z.string())
    .max(LIMITS.tokens.scopePatterns)
    .optional()
    .describe("Workspace ids or patterns such as laptop-*; left out, all"),
  writes: z
    .array(z.string())
    .max(LIMITS.tokens.scopePatterns)
    .optional()
    .describe("Which of these it may register, bind or upload to; left out, all"),
  expires: GivenTime.optional().describe("12h, 90d, 2w or an ISO 8601 date"),
});

const listTokens = defineRoute({
  method: "get",
  path: "/api/v1/admin/tokens",
  roles,
  summary: "Lists the named tokens, without their secrets",
  input: {},
  answers: { 200: { description: "All of them", schema: z.object({ tokens: z.array(TokenEntry) }) } },
  run: async ({ parts }) => ({ tokens: await parts.admin.listTokens() }),
});

const createToken = defineRoute({
  method: "post",
  path: "/api/v1/admin/tokens",
  roles,
  summary: "Makes a named token; its secret is in this answer and nowhere else",
  input: { body: TokenRequest },
  answers: { 201: { description: "Made", schema: z.object({ entry: TokenEntry, secret: z.string() }) } },
  async run({ parts, response }, { body }) {
    const made = await parts.admin.createToken(body);
    response.status(201);
    return made;
  },
});

const revokeToken = defineRoute({
  method: "delete",
  path: "/api/v1/admin/tokens/:token_id",
  roles,
  summary: "Ends a token at once",
  input: { params: z.object({ token_id: z.string().max(LIMITS.tokens.nameBytes) }) },
  answers: { 200: { description: "Revoked", schema: TokenEntry } },
  run: ({ parts }, { params }) => parts.admin.revokeToken(params.token_id),
});

const reissue = defineRoute({
  method: "post",
  path: "/api/v1/admin/workspaces/:workspace_id/reissue",
  roles,
  summary: "Gives a workspace a new write token; the earlier one stops working",
  input: { params: workspace },
  answers: {
    200: {
      description: "The new token",
      schema: z.object({ workspace_id: z.string(), write_token: z.string() }),
    },
  },
  run: ({ parts }, { params }) => parts.admin.reissue(params.workspace_id),
});

const revokeBindings = defineRoute({
  method: "post",
  path: "/api/v1/admin/workspaces/:workspace_id/revoke-bindings",
  roles,
  summary: "Ends every binding of a workspace",
  input: { params: workspace },
  answers: { 200: { description: "Done", schema: z.object({ workspace_id: z.string() }) } },
  run: ({ parts }, { params }) => parts.admin.revokeBindings(params.workspace_id),
});

const indexStatus = defineRoute({
  method: "get",
  path: "/api/v1/admin/index",
  roles,
  summary: "What the search index holds, what waits, and what could not be indexed and why",
  input: {},
  answers: { 200: { description: "As it is now", schema: IndexStatus } },
  run: ({ parts }) => parts.admin.indexStatus(),
});

const rebuildIndex = defineRoute({
  method: "post",
  path: "/api/v1/admin/index/rebuild",
  roles,
  summary: "Throws the search index away and begins to build it anew; searches go on by reading",
  input: {},
  answers: { 202: { description: "Begun", schema: IndexStatus } },
  run({ parts, response }) {
    response.status(202);
    return parts.admin.rebuildIndex();
  },
});

export const adminRoutes = [
  listTokens,
  createToken,
  revokeToken,
  ...joinAdminRoutes,
  reissue,
  revokeBindings,
  indexStatus,
  rebuildIndex,
];
