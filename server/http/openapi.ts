import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from "zod-openapi";
import { KnowledgeHit, SessionHit } from "../../contract/search.ts";
import * as wire from "../../contract/wire.ts";
import { publicUrlOf } from "./how-to-connect.ts";
import { defineRoute, type Answer, type InputShape, type Route, type RouteText } from "./route.ts";

/** A route, or what is none but belongs into the description. */
type Described = RouteText & { input?: InputShape };
type Document = ReturnType<typeof createDocument>;

/** Shapes that get a name of their own in the document. */
const COMPONENTS = {
  ErrorBody: wire.ErrorBody,
  WorkspaceSummary: wire.WorkspaceSummary,
  KnowledgeEntry: wire.KnowledgeEntry,
  SessionEntry: wire.SessionEntry,
  KnowledgeHit,
  SessionHit,
  TokenEntry: wire.TokenEntry,
};

/** The route that describes all others, made from the same rows and schemas that serve them. */
export function openApiRoute(routes: readonly Described[]): Route {
  // The same for every server, so made once; where a server is reached and its version are not.
  let described: Document | undefined;
  const self: Route = defineRoute({
    method: "get",
    path: "/api/v1/openapi.json",
    roles: ["ai", "sync", "admin"],
    summary: "This description",
    input: {},
    answers: { 200: { description: "OpenAPI 3.1", mediaType: "application/json" } },
    run: async ({ request, parts: { config } }) => {
      described ??= describe([...routes, self]);
      const info = { ...described.info, version: config.version };
      return { ...described, info, servers: [{ url: publicUrlOf(request, config) }] };
    },
  });
  return self;
}

function describe(routes: readonly Described[]): Document {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) (paths[templateOf(route.path)] ??= {})[route.method] = operation(route);
  return createDocument({
    openapi: "3.1.0",
    info: { title: "federated-memory", version: "", license: { name: "MIT", identifier: "MIT" } },
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token of the role the operation names" },
      },
    },
  });
}

/** `/a/:b/*c` as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replace(/[:*](\w+)/g, "{$1}");
}

function operation({
  method,
  path,
  summary,
  roles,
  input = {},
  bodyType,
  answers,
}: Described): ZodOpenApiOperationObject {
  return {
    operationId: `${method}_${path.replace("/api/v1/", "").replaceAll(/\W+/g, "_")}`,
    summary,
    description: whoMay(roles),
    requestParams: {
      ...(input.params && { path: input.params }),
      ...(input.query && { query: input.query }),
      ...(input.headers && { header: input.headers }),
    },
    ...(input.body && {
      requestBody: { required: true, content: { "application/json": { schema: input.body } } },
    }),
    ...(bodyType !== undefined && { requestBody: { required: true, content: { [bodyType]: {} } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      default: { description: "Any failure", content: { "application/json": { schema: wire.ErrorBody } } },
    },
  };
}

function whoMay(roles: Described["roles"]): string {
  if (roles.length === 0) return "For a join code, sent as the bearer token.";
  return `For tokens of the role ${roles.join(" or ")}.`;
}

function response({ description, schema, mediaType, headers }: Answer): ZodOpenApiResponseObject {
  return {
    description,
    ...(schema && { content: { "application/json": { schema } } }),
    ...(mediaType !== undefined && { content: { [mediaType]: {} } }),
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, meaning]) => [
          name,
          { description: meaning, schema: { type: "string" } },
        ]),
      ),
    }),
  };
}
