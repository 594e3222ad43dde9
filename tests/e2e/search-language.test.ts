import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { ErrorBody, type WorkspaceName } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { startServer, type TestServer } from "../support/server.ts";

const NAMES: WorkspaceName[] = [
  { machine: "Laptop", tool: "claude-code", project: "Web Shop" },
  { machine: "laptop", tool: "codex", project: "webshop" },
  { machine: "desktop", tool: "codex", project: "api" },
];
const SHOP = "laptop-claude-code-web-shop";
const LAPTOP = "laptop-codex-webshop";
const DESKTOP = "desktop-codex-api";

let server: TestServer;
let ai: Client;
/** A token for the workspaces of the laptop. */
let scoped: string;

beforeAll(async () => {
  server = await startServer();
  ai = await server.connectAi();
  for (const name of NAMES) {
    const { id, writeToken } = await server.register(name);
    const line = { type: "user", message: { role: "user", content: `pelican of ${id}` } };
    for (const [path, body] of [
      ["knowledge/notes.md", `# Notes\n\nThe pelican of ${id} is here.\n`],
      ["sessions/s1", `${JSON.stringify(line)}\n`],
    ] as const) {
      const headers = { "x-workspace-token": writeToken };
      const request = { method: "PUT", headers, body, token: server.tokens.sync };
      const response = await server.api(`workspaces/${id}/${path}`, request);
      if (response.status !== 201) throw new Error(await response.text());
    }
  }
  scoped = await scopedToken();
});

afterAll(() => server[Symbol.asyncDispose]());

async function scopedToken(): Promise<string> {
  const local = await readLocalAdmin(server.root);
  const response = await server.api("admin/tokens", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "laptops", role: "ai", workspaces: ["laptop-*"] }),
    token: local?.token ?? "",
  });
  return z.object({ secret: z.string() }).parse(await response.json()).secret;
}

function ask(
  kind: "knowledge" | "sessions",
  query: Record<string, string>,
  token?: string,
): Promise<Response> {
  return server.api(
    `search/${kind}?${new URLSearchParams(query).toString()}`,
    token === undefined ? {} : { token },
  );
}

async function workspacesOf(query: Record<string, string>, token?: string): Promise<string[]> {
  const knowledge = KnowledgeAnswer.parse(await (await ask("knowledge", query, token)).json());
  const sessions = SessionAnswer.parse(await (await ask("sessions", query, token)).json());
  const ids = [knowledge, sessions].map(({ hits }) => hits.map(({ workspace_id }) => workspace_id).sort());
  expect(ids[0]).toEqual(ids[1]);
  return ids[0] ?? [];
}

describe("the workspaces a query asks for", () => {
  it.each([
    ["pelican", [DESKTOP, SHOP, LAPTOP]],
    [`pelican workspace:${LAPTOP}`, [LAPTOP]],
    [`pelican workspace:${LAPTOP} workspace:${DESKTOP}`, [DESKTOP, LAPTOP]],
    [`pelican -workspace:${LAPTOP}`, [DESKTOP, SHOP]],
    ["pelican machine:LAPTOP", [SHOP, LAPTOP]],
    ["pelican -machine:laptop", [DESKTOP]],
    ["pelican tool:codex -project:api", [LAPTOP]],
    ['pelican project:"web shop" project:api', [DESKTOP, SHOP]],
    ["pelican machine:desktop tool:claude-code", []],
  ])("%s", async (query, ids) => {
    expect(await workspacesOf({ query })).toEqual(ids);
  });

  it("are those that the arguments let through too", async () => {
    expect(await workspacesOf({ query: "pelican tool:codex", machine: "laptop" })).toEqual([LAPTOP]);
    expect(await workspacesOf({ query: "pelican machine:desktop", machine: "laptop" })).toEqual([]);
    expect(await workspacesOf({ query: `pelican workspace:${SHOP}`, workspace_id: LAPTOP })).toEqual([]);
  });

  it("are said when there are none", async () => {
    const answer = KnowledgeAnswer.parse(
      await (await ask("knowledge", { query: "pelican machine:mars" })).json(),
    );

    expect(answer).toEqual({
      hits: [],
      partial: false,
      note: "No workspace fits machine:mars: list_workspaces shows them.",
    });
  });

  it("are in the token's scope, and one that is not is refused as in the argument", async () => {
    expect(await workspacesOf({ query: "pelican" }, scoped)).toEqual([SHOP, LAPTOP]);
    expect(await workspacesOf({ query: "pelican machine:desktop" }, scoped)).toEqual([]);
    for (const query of [`pelican workspace:${DESKTOP}`, `pelican -workspace:${DESKTOP}`])
      expect((await ask("knowledge", { query }, scoped)).status).toBe(403);
    for (const query of [
      "pelican workspace:laptop-codex-no",
      `pelican workspace:${LAPTOP} -workspace:no-no-no`,
    ])
      expect((await ask("sessions", { query })).status).toBe(404);
  });

  it("are named by text in the other modes as little as by any other text", async () => {
    expect(await workspacesOf({ query: `pelican of ${LAPTOP}`, mode: "literal" })).toEqual([LAPTOP]);
    expect(await workspacesOf({ query: "machine:desktop", mode: "literal" })).toEqual([]);
  });
});

describe("a query that cannot be understood", () => {
  it.each([
    ["knowledge", 'say "hello', /^query: the quote before "hello" has no end/],
    ["knowledge", "-draft", /^query: there is nothing to look for/],
    ["knowledge", "pelican type:session", /^query: type:session asks for sessions/],
    ["knowledge", "pelican role:user", /^query: role: is for sessions/],
    ["sessions", "pelican role:admin", /^query: role: takes user, assistant/],
    ["sessions", "pelican after:yesterday", /^after: not a date or time/],
    ["sessions", "pelican afer:7d", /^query: there is no field "afer:"/],
  ] as const)("is explained over HTTP and MCP: %s %s", async (kind, query, message) => {
    const response = await ask(kind, { query });
    const { error } = ErrorBody.parse(await response.json());
    const result = await ai.callTool({ name: `search_${kind}`, arguments: { query } });

    expect(response.status).toBe(400);
    expect(error).toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) });
    expect(error.hint).not.toBe("");
    expect(result).toMatchObject({
      isError: true,
      content: [{ type: "text", text: expect.stringContaining(`invalid_input: ${error.message}`) }],
    });
  });
});

describe("explain", () => {
  it("is asked for with true, over HTTP and MCP, and not answered otherwise", async () => {
    const query = { query: "pelican machine:laptop", role: "user" };

    const overHttp = SessionAnswer.parse(await (await ask("sessions", { ...query, explain: "true" })).json());
    const overMcp = await ai.callTool({ name: "search_sessions", arguments: { ...query, explain: true } });
    const silent = SessionAnswer.parse(await (await ask("sessions", { ...query, explain: "false" })).json());
    const wrong = await ask("sessions", { ...query, explain: "yes" });

    for (const answer of [overHttp, SessionAnswer.parse(overMcp.structuredContent)]) {
      expect(answer.explain?.query.filters).toEqual(["machine:laptop", "role=user"]);
      expect(answer.hits[0]?.why).toMatchObject([{ word: "pelican" }]);
    }
    expect(silent).not.toHaveProperty("explain");
    expect(wrong.status).toBe(400);
  });

  it("never repeats a secret", async () => {
    const secret = `fmwt_${"0123456789abcdef".repeat(2)}`;

    const text = await (
      await ask("knowledge", { query: `pelican ${secret} -"${secret}"`, explain: "true" })
    ).text();

    expect(text).toContain("explain");
    expect(text).not.toContain("0123456789abcdef");
  });
});
