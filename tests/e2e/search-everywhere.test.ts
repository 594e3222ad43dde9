import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { wholeAnswer } from "../../bench/quality/whole-answer.ts";
import { QUERY_FIELDS } from "../../contract/query-fields.ts";
import { KnowledgeAnswer, SEARCH_CASES, SEARCH_MODES, SessionAnswer } from "../../contract/search.ts";
import { ErrorBody } from "../../contract/wire.ts";
import { runClient } from "../support/client-process.ts";
import { indexSettled } from "../support/index-status.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { line } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** One query language and one answer, whether a tool, the HTTP API or the command line is asked. */

type Params = Record<string, string>;

const Found = z.object({ knowledge: KnowledgeAnswer.optional(), sessions: SessionAnswer.optional() });
const RATE = { requestsPerMinute: 1_000_000, failuresPerMinute: 1_000_000 };

let stack: AsyncDisposableStack;
let server: TestServer;
let ai: Client;
let home: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(await startServer({ rate: RATE }));
  home = stack.use(await tempFolder()).path;
  ai = await server.connectAi();
  const name = { machine: "laptop", tool: "codex", project: "webshop" };
  const { id, writeToken } = await server.register(name);
  for (const [path, body] of [
    ["knowledge/both.md", "# Alpha\n\nalpha beta, Retry after 5 s\n"],
    ["knowledge/one.md", "only alpha, retry never\n"],
    ["knowledge/zh.md", "向量数据库里的 alpha\n"],
    ["sessions/s1", line("alpha beta in src/app.ts") + line("beta alone, a draft")],
    ["sessions/s2", line("alpha, Retry")],
  ] as const) {
    const init = { method: "PUT", headers: { "x-workspace-token": writeToken }, body };
    const response = await server.api(`workspaces/${id}/${path}`, { ...init, token: server.tokens.sync });
    if (!response.ok) throw new Error(await response.text());
  }
  await indexSettled(server.root);
});

afterAll(() => stack.disposeAsync());

const overHttp = (kind: "knowledge" | "sessions", params: Params) =>
  server.api(`search/${kind}?${new URLSearchParams(params).toString()}`);

const overMcp = (kind: "knowledge" | "sessions", params: Params) =>
  ai.callTool({ name: `search_${kind}`, arguments: params });

function environment(): Record<string, string> {
  return { MCP_MEMORY_URL: `${server.url}/mcp`, MCP_MEMORY_TOKEN: server.tokens.ai };
}

function onCommandLine({ query = "", ...options }: Params) {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return runClient(["search", "--json", ...flags, "--", query], { home, env: environment() });
}

/** What the three answer about one kind of documents. */
async function answersOf(kind: "knowledge" | "sessions", params: Params) {
  const schema = kind === "knowledge" ? KnowledgeAnswer : SessionAnswer;
  const http = () => overHttp(kind, params).then(async (response) => schema.parse(await response.json()));
  const mcp = () => overMcp(kind, params).then(({ structuredContent }) => schema.parse(structuredContent));
  const command = () =>
    onCommandLine(params).then(({ stdout }) => schema.parse(Found.parse(JSON.parse(stdout))[kind]));
  // A busy machine may not suffice for the whole answer in the time of a search.
  return Promise.all([http, mcp, command].map((ask) => wholeAnswer(ask)));
}

describe("a query means the same to tools, HTTP and command line", () => {
  it.each<[Params, string[]]>([
    [{ query: "alpha beta" }, ["both.md:3", "one.md:1", "zh.md:1"]],
    [{ query: '"alpha beta" -draft' }, ["both.md:3"]],
    [{ query: "alpha -beta machine:laptop" }, ["one.md:1", "zh.md:1"]],
    [{ query: "alpha file:one" }, ["one.md:1"]],
    [{ query: "beta type:knowledge file:both" }, ["both.md:3"]],
    [{ query: "向量" }, ["zh.md:1"]],
    [{ query: "beta AND NOT alpha*" }, ["both.md:3", "one.md:1", "zh.md:1"]],
    [{ query: "NEAR(beta, 1)" }, ["both.md:3"]],
    [{ query: "retry", mode: "literal" }, ["both.md:3", "one.md:1"]],
    [{ query: "retry", mode: "literal", case: "match" }, ["one.md:1"]],
    [{ query: "r[e]try", mode: "regex", case: "ignore" }, ["both.md:3", "one.md:1"]],
  ])("about knowledge: %j", async (params, places) => {
    const [http, mcp, printed] = await answersOf("knowledge", params);

    const { hits } = KnowledgeAnswer.parse(http);
    expect(hits.map(({ path, line: at }) => `${path}:${at}`).sort()).toEqual(places);
    expect([mcp, printed]).toEqual([http, http]);
  });

  it.each<[Params, string[]]>([
    [{ query: '"alpha beta" -draft' }, ["s1:1"]],
    [{ query: "beta role:user -file:app.ts" }, ["s1:2"]],
    [{ query: "NOT beta OR retry*" }, ["s1:1", "s2:1"]],
    [{ query: "retry", mode: "literal", case: "match" }, []],
    [{ query: "r[e]try", mode: "regex", case: "ignore" }, ["s2:1"]],
  ])("about sessions: %j", async (params, places) => {
    const [http, mcp, printed] = await answersOf("sessions", params);

    const { hits } = SessionAnswer.parse(http);
    expect(hits.map(({ session_id, line: at }) => `${session_id}:${at}`).sort()).toEqual(places);
    expect([mcp, printed]).toEqual([http, http]);
  });
});

describe("an explanation", () => {
  it("says what was not searched, to tools, HTTP and command line", async () => {
    const { id, writeToken } = await server.register({ machine: "desktop", tool: "codex", project: "torn" });
    for (const session of ["whole", "torn"]) {
      const init = {
        method: "PUT",
        headers: { "x-workspace-token": writeToken },
        body: line(`albatross ${session}`),
      };
      const sent = { ...init, token: server.tokens.sync };
      await (await server.api(`workspaces/${id}/sessions/${session}`, sent)).text();
    }
    const sessions = join(server.root, "workspaces", id, "sessions");
    const names = await readdir(sessions, { recursive: true });
    const torn = names.find((name) => name.endsWith("-torn.jsonl.gz")) ?? "";

    await writeFile(join(sessions, torn), "no gzip at all");
    const params = { query: "albatross", explain: "true" };
    const http = SessionAnswer.parse(await (await overHttp("sessions", params)).json());
    const tool = await ai.callTool({ name: "search_sessions", arguments: { ...params, explain: true } });
    const command = await runClient(["search", "albatross", "--explain"], { home, env: environment() });

    const mcp = SessionAnswer.parse(tool.structuredContent);
    for (const { hits, partial, explain } of [http, mcp]) {
      expect(hits).toMatchObject([{ session_id: "whole" }]);
      expect(partial).toBe(true);
      expect(explain?.not_searched).toEqual(["1 session could not be read."]);
    }
    expect(command.stdout).toContain("not searched: 1 session could not be read.");
  });
});

describe("a query that cannot be answered", () => {
  it.each<[Params, RegExp]>([
    [{ query: 'say "hello' }, /the quote before "hello" has no end/],
    [{ query: "-draft" }, /there is nothing to look for/],
    [{ query: "machine:laptop after:7d" }, /there is nothing to look for/],
    [{ query: "alpha afer:7d" }, /Did you mean "after:"/],
    [{ query: "alpha after:soon" }, /not a date or time/],
    [{ query: "alpha role:admin" }, /role: takes user/],
    [{ query: "alpha type:image" }, /type: takes knowledge or session/],
    [{ query: "(", mode: "regex" }, /regular expression/i],
  ])("is explained, with a hint, by tools, HTTP and command line: %j", async (params, reason) => {
    const [response, tool, command] = await Promise.all([
      overHttp("sessions", params),
      overMcp("sessions", params),
      onCommandLine(params),
    ]);
    const { error } = ErrorBody.parse(await response.json());

    expect(response.status).toBe(400);
    expect(error.code).toBe("invalid_input");
    expect(error.message).toMatch(reason);
    expect(error.hint).toMatch(/\w{3}/);
    expect(tool.isError).toBe(true);
    expect(JSON.stringify(tool.content)).toContain(JSON.stringify(error.hint).slice(1, -1));
    expect(command).toMatchObject({ code: 1, stdout: "" });
    expect(command.stderr).toMatch(reason);
    expect(command.stderr).toContain(error.hint);
  });
});

/** Pieces that mean something to some search engine, database, shell or to us, and some that only look so. */
const PIECES = [
  ...QUERY_FIELDS.map((field) => `${field}:`),
  ..."\"“”„'`-:*\\/()[]^+{}$|;,.? \t\n\u0000".split(""),
  ..."alpha beta AND OR NOT NEAR NEAR/2 rowid words match select 7d 2026-11-01 afer: ü 向量 \u200b 😀".split(
    " ",
  ),
];
/** An answer, or a refusal with a hint. */
const Either = z.union([
  z.object({ hits: z.array(z.unknown()) }),
  z.object({ error: z.object({ code: z.literal("invalid_input"), hint: z.string().min(10) }) }),
]);
const asked = fc.record({
  query: fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 25 })
    .map((each) => each.join(""))
    .filter((text) => text.trim() !== ""),
  mode: fc.constantFrom(...SEARCH_MODES),
  case: fc.constantFrom(...SEARCH_CASES),
});

describe("any text", () => {
  it("is answered or refused with a hint, and never a failure of the server", async () => {
    const statuses = new Set<number>();

    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom("knowledge", "sessions"), async (params, kind) => {
        const response = await overHttp(kind, params);
        const tool = await overMcp(kind, params);
        const answered = Either.parse(await response.json());
        statuses.add(response.status);

        expect(response.status).toBe("hits" in answered ? 200 : 400);
        expect(tool.isError === true).toBe(!("hits" in answered));
      }),
      { numRuns: 150 },
    );

    expect(statuses).toEqual(new Set([200, 400]));
  });
});
