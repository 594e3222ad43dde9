import type { RequestHandler } from "express";
import { EXPOSITION_TYPE } from "../observe/exposition.ts";
import type { Authenticator } from "./authenticate.ts";
import { HttpError } from "./http-error.ts";
import type { HttpParts } from "./parts.ts";

/** Where Prometheus asks. Outside the API, because that is where it looks when nobody tells it otherwise. */
export const METRICS_PATH = "/metrics";

export function metrics({
  parts,
  authenticator,
}: {
  parts: Pick<HttpParts, "exposition">;
  authenticator: Authenticator;
}): RequestHandler {
  return async (request, response) => {
    response.locals.facts.route = METRICS_PATH;
    authenticator.identify(request, response, ["admin", "metrics"]);
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new HttpError(405, "invalid_input", "This path takes GET", { headers: { Allow: "GET, HEAD" } });
    // As bytes: of a text Express would rewrite the type.
    response.set("Content-Type", EXPOSITION_TYPE).send(Buffer.from(await parts.exposition()));
  };
}
