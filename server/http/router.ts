import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { adminRoutes } from "./admin.ts";
import type { Authenticator } from "./authenticate.ts";
import type { BodyBuffer } from "./body-buffer.ts";
import { hearReport } from "./client-report.ts";
import { HttpError } from "./http-error.ts";
import { JOIN_TEXT } from "./join.ts";
import { knowledgeRoutes } from "./knowledge.ts";
import { openApiRoute } from "./openapi.ts";
import { overviewRoutes } from "./overview.ts";
import type { HttpParts } from "./parts.ts";
import type { Method, Route } from "./route.ts";
import { searchRoutes } from "./search.ts";
import { sessionRoutes } from "./sessions.ts";
import { whoamiRoutes } from "./whoami.ts";
import { workspaceRoutes } from "./workspaces.ts";

const DESCRIBED: readonly Route[] = [
  ...whoamiRoutes,
  ...overviewRoutes,
  ...workspaceRoutes,
  ...knowledgeRoutes,
  ...sessionRoutes,
  ...searchRoutes,
  ...adminRoutes,
];

/** Every route of the API. */
export const ROUTES: readonly Route[] = [...DESCRIBED, openApiRoute([...DESCRIBED, JOIN_TEXT])];

interface RouterParts {
  parts: HttpParts;
  authenticator: Authenticator;
  bodies: BodyBuffer;
}

/** Mounts the table. A path that is known answers other methods with 405. */
export function apiRouter(given: RouterParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [path, routes] of Map.groupBy(ROUTES, (route) => route.path)) {
    // Express would answer HEAD by the GET of the same path, so a HEAD of its own comes first.
    for (const route of routes.toSorted((a, b) => headFirst(a) - headFirst(b)))
      router[route.method](path, (request, response) => serve(route, given, request, response));
    router.all(path, otherMethod(path, routes));
  }
  return router;
}

function headFirst({ method }: Route): number {
  return method === "head" ? 0 : 1;
}

async function serve(route: Route, given: RouterParts, request: Request, response: Response): Promise<void> {
  const { parts, authenticator, bodies } = given;
  response.locals.facts.route = route.path;
  const principal = authenticator.identify(request, response, route.roles);
  if (principal.role === "sync") hearReport(parts.metrics.clients, principal, request);
  const gone = new AbortController();
  response.once("close", () => {
    // An answer that was given needs nobody to stop, and the reason alone costs as much as a small request.
    if (!response.writableFinished) gone.abort();
  });
  await route.serve({ principal, request, response, signal: gone.signal, parts, bodies });
}

/** No CORS: pages of other origins have no business here, so OPTIONS tells the methods and nothing else. */
function otherMethod(path: string, routes: readonly Route[]): RequestHandler {
  const allowed = allowedMethods(routes.map(({ method }) => method));
  return (request, response) => {
    response.locals.facts.route = path;
    if (request.method !== "OPTIONS")
      throw new HttpError(405, "invalid_input", `This path takes ${allowed}, not ${request.method}`, {
        headers: { Allow: allowed },
      });
    response.setHeader("Allow", allowed);
    response.status(204).end();
  };
}

function allowedMethods(methods: Method[]): string {
  const all = new Set<string>(methods);
  if (all.has("get")) all.add("head");
  return [...all, "options"].map((method) => method.toUpperCase()).join(", ");
}
