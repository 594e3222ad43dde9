import type { Request } from "express";
import { HttpError } from "./http-error.ts";

/** Throws 405 for a method that a path outside the table of routes does not take. */
export function assertMethod({ method }: Pick<Request, "method">, taken: "GET" | "POST"): void {
  const allowed = taken === "GET" ? ["GET", "HEAD"] : [taken];
  if (allowed.includes(method)) return;
  throw new HttpError(405, "invalid_input", `This path takes ${taken}`, {
    headers: { Allow: allowed.join(", ") },
  });
}
