import type { RequestHandler } from "express";
import { EXPOSITION_TYPE } from "../observe/exposition.ts";
import type { Authenticator } from "./authenticate.ts";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";
import { sendText } from "./send-text.ts";

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
    assertMethod(request, "GET");
    sendText(response, EXPOSITION_TYPE, await parts.exposition());
  };
}
