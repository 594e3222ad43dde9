import * as z from "zod";
import { NamePart } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { GivenTime, JoinEntry, MadeJoin } from "../../contract/wire.ts";
import { defineRoute } from "./route.ts";

const roles = ["admin"] as const;

const JoinRequest = z.strictObject({
  machine: NamePart.describe("The machine that will use it"),
  read: z
    .array(z.string())
    .max(LIMITS.tokens.scopePatterns)
    .optional()
    .describe("Workspace ids or patterns that its AI may read; left out, all"),
  expires: GivenTime.optional().describe("When its tokens end: 12h, 90d, 2w or an ISO 8601 date"),
  minutes: z.int().min(1).max(LIMITS.joins.longestMinutes).optional().describe("How long the code works"),
});

const listJoins = defineRoute({
  method: "get",
  path: "/api/v1/admin/joins",
  roles,
  summary: "Lists the join codes, without the codes themselves",
  input: {},
  answers: { 200: { description: "All of them", schema: z.object({ joins: z.array(JoinEntry) }) } },
  run: async ({ parts }) => ({ joins: await parts.admin.listJoins() }),
});

const createJoin = defineRoute({
  method: "post",
  path: "/api/v1/admin/joins",
  roles,
  summary: "Makes a code that is exchanged, once, for a machine's own tokens",
  input: { body: JoinRequest },
  answers: { 201: { description: "Made; the code is in this answer and nowhere else", schema: MadeJoin } },
  async run({ parts, response }, { body }): Promise<MadeJoin> {
    const made = await parts.admin.createJoin(body);
    const { publicUrl } = parts.config;
    response.status(201);
    return publicUrl === undefined ? made : { ...made, url: publicUrl };
  },
});

const revokeJoin = defineRoute({
  method: "delete",
  path: "/api/v1/admin/joins/:join_id",
  roles,
  summary: "Ends a join code at once",
  input: { params: z.object({ join_id: z.string().max(LIMITS.tokens.nameBytes) }) },
  answers: { 200: { description: "As it was", schema: JoinEntry } },
  run: ({ parts }, { params }) => parts.admin.revokeJoin(params.join_id),
});

/** Join codes, as an admin has to do with them. */
export const joinAdminRoutes = [listJoins, createJoin, revokeJoin];
