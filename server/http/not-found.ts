import type { RequestHandler } from "express";
import { howToConnect } from "./how-to-connect.ts";
import type { HttpConfig } from "./parts.ts";

/**
 * Unknown routes, among them OAuth discovery and registration. A client without a token goes looking for those and
 * shows the user what it is told there, so the answer has OAuth's shape and says how to connect.
 */
export function notFound(config: HttpConfig): RequestHandler {
  return (request, response) => {
    response.status(404).json({
      error: "not_found",
      error_description: howToConnect(request, config),
      request_id: response.locals.facts.id,
    });
  };
}
