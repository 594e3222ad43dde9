import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AiRegistration } from "../../contract/wire.ts";
import { call } from "../support/answers.ts";
import { answersOf } from "../support/any-client.ts";
import { indexSettled } from "../support/index-status.ts";
import { buildBundle, Machine, type Program } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const OWN = { machine: "laptop", tool: "claude-code", project: "webshop" };

/** A machine whose bridges work in the project that `OWN` names. */
async function machineFor(server: TestServer): Promise<Machine> {
  const machine = await Machine.create({ MCP_MEMORY_URL: server.url, MCP_MEMORY_TOKEN: server.tokens.ai });
  await machine.write(".memory-sync/config.json", '{"machine":"laptop"}');
  return machine;
}

beforeAll(buildBundle);

describe("every kind of client, through the bridge", () => {
  let server: TestServer;
  let machine: Machine;
  let reference: unknown;

  beforeAll(async () => {
    server = await startServer();
    machine = await machineFor(server);
    const { id, writeToken } = await server.register({
      machine: "laptop",
      tool: "codex",
      project: "webshop",
    });
    const sync = await server.connectSync();
    const file = { path: "a b.md", content: "# Notes\n\nzebracorn\n" };
    await call(sync, "upload_knowledge", { workspace_id: id, write_token: writeToken, ...file });
    const ai = await server.connectAi();
    const { binding } = AiRegistration.parse((await call(ai, "register_workspace", OWN)).structured);
    // What the requests write stands there already, so that all are answered alike.
    await call(ai, "write_overview", { content: "x", binding });
    await indexSettled(server.root);
    const headers = { authorization: `Bearer ${server.tokens.ai}`, "x-workspace-binding": binding };
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }),
    );
    reference = await answersOf(client);
    await client.close();
  });

  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const starter = (program: Program) => ({
    ...machine.starter(["mcp", "--project", OWN.project], program),
    stderr: "pipe" as const,
  });

  it.each([
    ["source", { pin: "2026-07-28" }],
    ["bundle", "auto"],
    ["bundle", "legacy"],
  ] as const)("%s: is answered as over HTTP: current client, %j", async (program, mode) => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport(starter(program)));

    const answers = await answersOf(client);
    await client.close();

    expect(answers).toEqual(reference);
  });

  it("bundle: is answered as over HTTP: the client of the first SDK", async () => {
    const client = new OldClient({ name: "test", version: "1" });
    await client.connect(new OldTransport(starter("bundle")));

    const answers = await answersOf(client);
    await client.close();

    expect(answers).toEqual(reference);
  });
});
