import type { RequestHandler } from "express";
import * as z from "zod";
import { Joined } from "../../contract/wire.ts";
import type { Authenticator } from "./authenticate.ts";
import { publicUrlOf } from "./how-to-connect.ts";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";
import type { Route, RouteText } from "./route.ts";

/** What the machine that joins is called, where it has a name already. */
const Query = z.object({ machine: z.string().optional().catch(undefined) });

/** Where a join code, sent as the bearer token, is exchanged for a machine's own tokens. No body is read. */
export const JOIN_PATH = "/api/v1/join";

/** How the API is described there: a route, but for who may call it. */
export const JOIN_TEXT: RouteText & Pick<Route, "input"> = {
  method: "post",
  path: JOIN_PATH,
  roles: [],
  input: { query: Query },
  summary: "Exchanges a join code, once, for a machine's own tokens",
  answers: {
    200: { description: "Exchanged; the tokens are in this answer and nowhere else", schema: Joined },
    409: { description: "The code is for another machine than `machine`; it is as good as before" },
  },
};

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
    const { machine: caller } = Query.parse(request.query);
    const tokens = await authenticator.exchange(request, response, (code) => parts.redeem({ code, caller }));
    response.json({ ...tokens, url: publicUrlOf(request, parts.config) } satisfies Joined);
  };
}
