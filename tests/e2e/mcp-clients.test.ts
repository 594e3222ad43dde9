import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../support/answers.ts";
import { RawMcp } from "../support/raw-mcp.ts";
import { indexSettled } from "../support/index-status.ts";
import { startServer, type TestServer } from "../support/server.ts";

const ID = "laptop-codex-webshop";
const TEMPLATE = { type: "ref/resource", uri: "memory://{workspace_id}/{+path}" } as const;

interface AnyClient {
  listTools(): Promise<unknown>;
  listPrompts(): Promise<unknown>;
  listResources(): Promise<unknown>;
  listResourceTemplates(): Promise<unknown>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<unknown>;
  readResource(params: { uri: string }): Promise<unknown>;
  complete(params: { ref: typeof TEMPLATE; argument: { name: string; value: string } }): Promise<unknown>;
}

/** The same requests for every client; failures are answers too. */
const REQUESTS: Record<string, (client: AnyClient) => Promise<unknown>> = {
  "list tools": (client) => client.listTools(),
  "list prompts": (client) => client.listPrompts(),
  "list resources": (client) => client.listResources(),
  "list templates": (client) => client.listResourceTemplates(),
  overview: (client) => client.callTool({ name: "get_overview", arguments: {} }),
  search: (client) => client.callTool({ name: "search_knowledge", arguments: { query: "zebracorn" } }),
  "read a file": (client) =>
    client.callTool({ name: "read_knowledge", arguments: { workspace_id: ID, path: "a b.md" } }),
  "a missing file": (client) =>
    client.callTool({ name: "read_knowledge", arguments: { workspace_id: ID, path: "nope.md" } }),
  "wrong arguments": (client) => client.callTool({ name: "read_knowledge", arguments: { workspace_id: 1 } }),
  "no arguments": (client) => client.callTool({ name: "search_sessions", arguments: {} }),
  "a write without a binding": (client) =>
    client.callTool({ name: "write_overview", arguments: { content: "x" } }),
  "another role's tool": (client) => client.callTool({ name: "upload_session", arguments: {} }),
  "an unknown tool": (client) => client.callTool({ name: "nope", arguments: {} }),
  "read a resource": (client) => client.readResource({ uri: `memory://${ID}/knowledge/a%20b.md` }),
  "a missing resource": (client) => client.readResource({ uri: `memory://${ID}/knowledge/nope.md` }),
  "a prompt": (client) => client.getPrompt({ name: "recall", arguments: { topic: "zebracorn" } }),
  "an unknown prompt": (client) => client.getPrompt({ name: "nope", arguments: {} }),
  completion: (client) =>
    client.complete({ ref: TEMPLATE, argument: { name: "workspace_id", value: "lap" } }),
};

async function answersOf(client: AnyClient): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [name, request] of Object.entries(REQUESTS))
    answers[name] = await request(client).then(comparable, (error: unknown) => ({
      failed: failureOf(error),
    }));
  return answers;
}

/** Without what one era adds to every result, and with the random marks around stored text made equal. */
function comparable(result: unknown): unknown {
  const eraFields = new Set(["io.modelcontextprotocol/serverInfo", "resultType", "ttlMs", "cacheScope"]);
  const json = JSON.stringify(result, (key, value: unknown) => {
    if (eraFields.has(key)) return undefined;
    return key === "_meta" && Object.keys(Object(value)).every((name) => eraFields.has(name))
      ? undefined
      : value;
  });
  return JSON.parse(json.replaceAll(/(mark|<<<|>>>) [\w-]{12}/g, "$1 MARK"));
}

/** Clients put words of their own before the server's message. */
function failureOf(error: unknown): unknown {
  const { code, message } = Object(error);
  return { code, message: String(message).replace(/^MCP error -?\d+: /, "") };
}

describe("every kind of client", () => {
  let server: TestServer;
  let reference: Record<string, unknown>;
  const requestInit = () => ({ headers: { authorization: `Bearer ${server.tokens.ai}` } });
  const url = () => new URL(`${server.url}/mcp`);

  async function current(mode: "auto" | "legacy" | { pin: string }): Promise<Client> {
    const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(url(), { requestInit: requestInit() }));
    return client;
  }

  beforeAll(async () => {
    server = await startServer();
    const { id, writeToken } = await server.register({
      machine: "laptop",
      tool: "codex",
      project: "webshop",
    });
    const sync = await server.connectSync();
    const file = { path: "a b.md", content: "# Notes\n\nzebracorn\n" };
    await call(sync, "upload_knowledge", { workspace_id: id, write_token: writeToken, ...file });
    // Scores without the index are others than with it.
    await indexSettled(server.root);
    const client = await current("auto");
    reference = await answersOf(client);
    await client.close();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("is answered what was asked", () => {
    expect(reference).toMatchObject({
      "list tools": {
        tools: expect.arrayContaining([expect.objectContaining({ name: "search_knowledge" })]),
      },
      search: { structuredContent: { hits: [{ path: "a b.md", line: 3 }] } },
      "read a resource": { contents: [{ text: "# Notes\n\nzebracorn\n" }] },
      "a missing file": { isError: true },
      "wrong arguments": { isError: true },
      "another role's tool": { isError: true },
      "an unknown tool": { failed: { code: -32_602 } },
      "a missing resource": { failed: { code: -32_602 } },
    });
  });

  it.each([{ pin: "2026-07-28" }, "legacy"] as const)(
    "is answered the same: current client, %j",
    async (mode) => {
      const client = await current(mode);

      const answers = await answersOf(client);
      await client.close();

      expect(answers).toEqual(reference);
    },
  );

  it("is answered the same: the client of the first SDK", async () => {
    const client = new OldClient({ name: "test", version: "1.0.0" });
    const transport = new OldTransport(url(), { requestInit: requestInit() });
    await client.connect(transport);

    const answers = await answersOf(client);
    await client.close();

    expect(answers).toEqual(reference);
  });

  it.each(["modern", "legacy"] as const)("is answered the same: fetch by hand, %s era", async (era) => {
    const answers = await answersOf(new RawMcp(url().href, { token: server.tokens.ai, era }));

    expect(answers).toEqual(reference);
  });
});
