import type { AuthInfo } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Role } from "../../contract/wire.ts";
import type { Principal } from "../access/principal.ts";

const PrincipalShape = z.object({ id: z.string(), name: z.string(), role: Role, scope: z.array(z.string()) });

const Caller = z.object({
  principal: z.custom<Principal>((value) => PrincipalShape.safeParse(value).success),
  requestId: z.string().optional(),
});

/** Who is asking, and the id under which the request is logged. */
export type Caller = z.infer<typeof Caller>;

/**
 * The caller of an authenticated request. Throws when there is none: the endpoint is only ever mounted behind the
 * authentication, so that is a bug.
 */
export function callerOf(auth: { extra?: Record<string, unknown> } | undefined): Caller {
  return Caller.parse(auth?.extra);
}

/** The same, in the form in which the SDK carries it to the handlers. The token itself never goes there. */
export function authInfoOf(principal: Principal, requestId: string | undefined): AuthInfo {
  return { token: "", clientId: principal.id, scopes: [principal.role], extra: { principal, requestId } };
}
