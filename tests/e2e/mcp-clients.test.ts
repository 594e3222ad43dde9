import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../support/answers.ts";
import { answersOf } from "../support/any-client.ts";
import { RawMcp } from "../support/raw-mcp.ts";
import { indexSettled } from "../support/index-status.ts";
import { startServer, type TestServer } from "../support/server.ts";

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
