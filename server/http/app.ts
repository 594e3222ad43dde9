import express, { type Express, type RequestHandler } from "express";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Authenticator } from "./authenticate.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { errorResponse } from "./error-response.ts";
import { guard } from "./guards.ts";
import { health, HEALTH_PATHS } from "./health.ts";
import { INSTALL_PATHS, installFiles } from "./install-files.ts";
import { join, JOIN_PATH } from "./join.ts";
import { metrics, METRICS_PATH } from "./metrics.ts";
import { notFound } from "./not-found.ts";
import type { HttpParts } from "./parts.ts";
import { requestLog } from "./request-log.ts";
import { apiRouter } from "./router.ts";
import { rpcEndpoint } from "./rpc-endpoint.ts";

/** All routes, in the order a request meets them: its log line, the guards, health, metrics, the client's files, MCP, the API, nothing. */
export function createHttpApp(parts: HttpParts): Express {
  const { log, config } = parts;
  const authenticator = new Authenticator(parts);
  const bodies = new BodyBuffer(LIMITS.http.bufferedBytes);
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("strict routing").enable("case sensitive routing");
  app.use(requestLog(parts));
  app.use(guard(config));
  app.all(HEALTH_PATHS, health(parts));
  app.all(METRICS_PATH, metrics({ parts, authenticator }));
  app.all(INSTALL_PATHS, installFiles(parts));
  app.all("/mcp", rpcEndpoint({ mcp: parts.mcp, authenticator, bodies }));
  app.all(JOIN_PATH, join({ parts, authenticator }));
  app.use(apiRouter({ parts, authenticator, bodies }));
  app.use("/api", unknownApi);
  app.use(notFound(config));
  app.use(errorResponse(log));
  return app;
}

const unknownApi: RequestHandler = () => {
  throw new AppError("not_found", "No such route", { hint: "GET /api/v1/openapi.json lists the routes" });
};
