import { presentable } from "../../contract/secrets.ts";
import { ROLES, WhoAmI } from "../../contract/wire.ts";
import { defineRoute } from "./route.ts";

const whoami = defineRoute({
  method: "get",
  path: "/api/v1/whoami",
  roles: ROLES,
  summary: "Whom the token speaks for",
  input: {},
  answers: { 200: { description: "The token's role and scope", schema: WhoAmI } },
  run: async ({ parts, principal }): Promise<WhoAmI> => ({
    server: "federated-memory",
    version: parts.config.version,
    role: principal.role,
    name: presentable(principal.name),
    workspaces: [...principal.scope],
    writes: [...principal.writeScope],
    ...(principal.expiresAt !== undefined && { expires_at: principal.expiresAt }),
    time: new Date().toISOString(),
  }),
});

export const whoamiRoutes = [whoami];
