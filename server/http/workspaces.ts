import * as z from "zod";
import { NamePart, WorkspaceId } from "../../contract/ids.ts";
import {
  AiRegistration,
  NewWorkspace,
  SyncRegistration,
  WorkspacePage,
  WorkspaceSummary,
} from "../../contract/wire.ts";
import { ListQuery } from "./query.ts";
import { defineRoute } from "./route.ts";
import { WriteTokenHeader } from "./write-token.ts";

const Registered = z.union([AiRegistration, SyncRegistration]);

const list = defineRoute({
  method: "get",
  path: "/api/v1/workspaces",
  roles: ["ai", "sync"],
  summary: "Lists the workspaces in the token's scope, by id",
  input: {
    query: z.strictObject({
      machine: NamePart.optional(),
      tool: NamePart.optional(),
      project: NamePart.optional(),
      ...ListQuery,
    }),
  },
  answers: { 200: { description: "One page", schema: WorkspacePage } },
  run: ({ parts, principal }, { query }) => parts.gate.all(principal).workspaces(query),
});

const register = defineRoute({
  method: "post",
  path: "/api/v1/workspaces",
  roles: ["ai", "sync"],
  summary: "Registers a workspace: an AI gets a binding, a sync client the write token, once",
  input: { headers: WriteTokenHeader, body: NewWorkspace },
  answers: {
    200: { description: "It existed", schema: Registered },
    201: { description: "Created", schema: Registered },
  },
  async run({ parts, principal, response }, { headers, body: { description, ...name } }) {
    const directory = parts.gate.all(principal);
    const registered =
      principal.role === "ai"
        ? await directory.registerForAi(name, description)
        : await directory.registerForSync(name, { description, writeToken: headers["x-workspace-token"] });
    response.status(registered.created ? 201 : 200);
    return registered;
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/workspaces/:workspace_id",
  roles: ["ai", "sync"],
  summary: "One workspace with its counts and summary",
  input: { params: z.object({ workspace_id: WorkspaceId }) },
  answers: { 200: { description: "The workspace", schema: WorkspaceSummary } },
  run: ({ parts, principal }, { params }) => parts.gate.read(principal, params.workspace_id).summary(),
});

export const workspaceRoutes = [list, register, read];
