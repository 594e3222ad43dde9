import type { RequestHandler } from "express";
import { howToConnect } from "./how-to-connect.ts";

/**
 * Unknown routes, among them OAuth discovery and registration. A client without a token goes looking for those and
 * shows the user what it is told there, so the answer has OAuth's shape and says how to connect.
 */
export function notFound(publicUrl: string): RequestHandler {
  return (_request, response) => {
    response.status(404).json({
      error: "not_found",
      error_description: howToConnect(publicUrl),
      request_id: response.locals.facts.id,
    });
  };
}
