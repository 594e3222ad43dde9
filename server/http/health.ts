import type { RequestHandler } from "express";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";

/** Paths that answer without a token: they say whether the server runs, and nothing about what it holds. */
export const HEALTH_PATHS = ["/healthz", "/readyz", "/health"];

/** `/healthz`: the process answers. `/readyz` and `/health`: it also serves; 503 while it starts or drains. */
export function health({ ready }: Pick<HttpParts, "ready">): RequestHandler {
  return (request, response) => {
    response.locals.facts.route = request.path;
    assertMethod(request, "GET");
    const isUp = request.path === "/healthz" || ready();
    response.status(isUp ? 200 : 503).json({ status: isUp ? "ok" : "not ready" });
  };
}
