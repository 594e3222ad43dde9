import type { AuthInfo } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Role } from "../../contract/wire.ts";

const Caller = z.object({
  principal: z.object({
    id: z.string(),
    name: z.string(),
    role: Role,
    scope: z.array(z.string()).readonly(),
    writeScope: z.array(z.string()).readonly(),
    machine: z.string().optional(),
  }),
  requestId: z.string(),
});

/** Who is asking, and the id under which the request is logged. */
export type Caller = z.infer<typeof Caller>;

/** The caller in the form in which the SDK carries it to whatever serves the request. The token itself never goes there. */
export function authInfoOf(caller: Caller): AuthInfo {
  const { id, role } = caller.principal;
  return { token: "", clientId: id, scopes: [role], extra: { caller } };
}

/** The same caller again. */
export function callerOf(auth: AuthInfo | undefined): Caller {
  return Caller.parse(auth?.extra?.["caller"]);
}
