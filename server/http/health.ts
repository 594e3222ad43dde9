import type { RequestHandler } from "express";
import { HttpError } from "./http-error.ts";
import type { HttpParts } from "./parts.ts";

/** Paths that answer without a token: they say whether the server runs, and nothing about what it holds. */
export const HEALTH_PATHS = ["/healthz", "/readyz", "/health"];

/** `/healthz`: the process answers. `/readyz` and `/health`: it also serves; 503 while it starts or drains. */
export function health({ ready }: Pick<HttpParts, "ready">): RequestHandler {
  return (request, response) => {
    response.locals.facts.route = request.path;
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new HttpError(405, "invalid_input", "This path takes GET", { headers: { Allow: "GET, HEAD" } });
    const isUp = request.path === "/healthz" || ready();
    response.status(isUp ? 200 : 503).json({ status: isUp ? "ok" : "not ready" });
  };
}
