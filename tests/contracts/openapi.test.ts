import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { templateOf } from "../../server/http/openapi.ts";
import { JOIN_TEXT } from "../../server/http/join.ts";
import { ROUTES } from "../../server/http/router.ts";
import { EDGE_TOKENS, HttpEdge } from "../support/http-edge.ts";

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() }))
    .default([]),
  responses: z.record(z.string(), z.object({ description: z.string() })),
});
const OpenApi = z.object({
  openapi: z.literal("3.1.0"),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

/** Everything that is promised: the joining is no row of the table, for what it takes is no token. */
const PROMISED = [...ROUTES, JOIN_TEXT];

describe("the description of the API", () => {
  let edge: HttpEdge;
  let raw: string;
  let document: z.infer<typeof OpenApi>;

  beforeAll(async () => {
    edge = await HttpEdge.start();
    const answer = await edge.ask("/api/v1/openapi.json", {
      headers: { authorization: `Bearer ${EDGE_TOKENS.sync}` },
    });
    raw = answer.text;
    document = OpenApi.parse(answer.json);
  });

  afterAll(() => edge[Symbol.asyncDispose]());

  function operations() {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  it("lists every route, and nothing else", () => {
    const described = operations().map(({ path, method }) => `${method} ${path}`);

    expect(described.toSorted()).toEqual(
      PROMISED.map(({ method, path }) => `${method} ${templateOf(path)}`).toSorted(),
    );
  });

  it("says where and which server it describes, also when several run in one process", async () => {
    const config = { publicUrl: "https://memory.example/", version: "9.9.9" };
    await using other = await HttpEdge.start({ config });

    const answer = await other.ask("/api/v1/openapi.json", {
      headers: { authorization: `Bearer ${EDGE_TOKENS.sync}` },
    });

    expect(answer.json).toMatchObject({
      info: { version: "9.9.9" },
      servers: [{ url: "https://memory.example" }],
    });
    expect(JSON.parse(raw)).toMatchObject({
      info: { version: "0.0.0" },
      servers: [{ url: "http://127.0.0.1:8000" }],
    });
  });

  it("names every operation once", () => {
    const names = operations().map(({ operation }) => operation.operationId);

    expect(new Set(names).size).toBe(names.length);
  });

  it("declares every parameter of a path as required", () => {
    const declared = operations().map(({ path, operation }) => ({
      path,
      parameters: operation.parameters.filter(
        (parameter) => parameter.in === "path" && parameter.required === true,
      ),
    }));

    for (const { path, parameters } of declared)
      expect(parameters.map(({ name }) => `{${name}}`).toSorted()).toEqual(
        (path.match(/\{\w+\}/g) ?? []).toSorted(),
      );
  });

  it("refers only to what it holds", () => {
    const references = [...raw.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name = ""]) => name,
    );

    expect(references).not.toEqual([]);
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  it("describes routes that are there", async () => {
    const asked = operations().map(async ({ path, method }) => {
      const answer = await edge.ask(path.replaceAll(/\{\w+\}/g, "a-b-c"), { method: method.toUpperCase() });
      return answer.status;
    });

    const statuses = new Set(await Promise.all(asked));

    expect(statuses).toEqual(new Set([401]));
  });

  it("is what outsiders were promised", async () => {
    const table = PROMISED.map(
      ({ method, path, roles, summary }) =>
        `${method.toUpperCase()} ${templateOf(path)}  [${roles.join(" ") || "join code"}]  ${summary}\n`,
    );

    await expect(table.join("")).toMatchFileSnapshot("../golden/routes.txt");
  });
});
