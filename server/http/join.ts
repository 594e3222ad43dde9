import type { RequestHandler } from "express";
import type { Joined } from "../../contract/wire.ts";
import type { Authenticator } from "./authenticate.ts";
import { publicUrlOf } from "./how-to-connect.ts";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";

/** Where a join code, sent as the bearer token, is exchanged for a machine's own tokens. No body is read. */
export const JOIN_PATH = "/api/v1/join";

export function join({
  parts,
  authenticator,
}: {
  parts: Pick<HttpParts, "redeem" | "config">;
  authenticator: Authenticator;
}): RequestHandler {
  return async (request, response) => {
    response.locals.facts.route = JOIN_PATH;
    assertMethod(request, "POST");
    const tokens = await authenticator.exchange(request, response, (code) => parts.redeem(code));
    response.json({ ...tokens, url: publicUrlOf(request, parts.config) } satisfies Joined);
  };
}
