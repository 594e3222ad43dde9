import { beforeAll, describe, expect, it, vi } from "vitest";
import { BridgeProcess } from "../support/bridge-process.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { buildBundle, Machine, type Program } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const START = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
};

/** A request of the era without `initialize`. */
function modern(id: number, method: string, params: object = {}): object {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta } };
}

function machineFor(url: string, { tokens }: Pick<TestServer, "tokens">): Promise<Machine> {
  return Machine.create({ MCP_MEMORY_URL: url, MCP_MEMORY_TOKEN: tokens.ai });
}

beforeAll(buildBundle);

describe("memory-sync mcp, line by line", () => {
  it.each<Program>(["source", "bundle"])(
    "%s: answers what was asked before stdin ended, and ends with 0",
    async (program) => {
      await using server = await startServer();
      await using machine = await machineFor(server.url, server);
      const lines = [
        { jsonrpc: "2.0", id: "a", method: "initialize", params: START },
        { jsonrpc: "2.0", method: "notifications/initialized" },
        { jsonrpc: "2.0", id: 1, method: "tools/list" },
        modern(2, "tools/call", { name: "get_overview", arguments: {} }),
        modern(3, "no/such/method"),
      ].map((message) => JSON.stringify(message));

      const ended = await machine.run(["mcp"], { stdin: lines.join("\n"), program });

      expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^memory-sync mcp: .*\n$/) });
      const messages = ended.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(messages.map(({ id }) => String(id)).toSorted()).toEqual(["1", "2", "3", "a"]);
      expect(messages.find(({ id }) => id === 2)).toMatchObject({ result: { content: [{ type: "text" }] } });
      expect(messages.find(({ id }) => id === 3)).toMatchObject({ error: { code: -32_601 } });
    },
  );

  it("goes on behind lines that are no messages", async () => {
    await using server = await startServer();
    await using machine = await machineFor(server.url, server);
    await using bridge = new BridgeProcess(machine);
    await bridge.ask(1, "initialize", START);

    bridge.send("{broken");
    bridge.send("");
    bridge.send("[]");
    bridge.send(`{"id":"${"x".repeat(5_000_000)}"}`);
    const after = await bridge.ask(2, "tools/list");

    expect(after).toHaveProperty("result.tools");
    const faults = bridge.messages.filter(({ error }) => error !== undefined);
    expect(faults.map(({ id, error }) => [id, error?.code])).toEqual([
      [null, -32_700],
      [null, -32_600],
      [null, -32_600],
    ]);
    expect(await bridge.end()).toBe(0);
  });

  it("hears a message that comes byte by byte, and carries 40,000 bytes of separators in one line", async () => {
    await using server = await startServer();
    await using machine = await machineFor(server.url, server);
    const { id, writeToken } = await server.register({ machine: "m", tool: "t", project: "p" });
    const content = `${"a\u2028b\u2029🧠 ".repeat(2000)}\n`;
    await server.api(`workspaces/${id}/knowledge/a.md`, {
      method: "PUT",
      token: server.tokens.sync,
      headers: { "content-type": "text/markdown", "x-workspace-token": writeToken },
      body: content,
    });
    await using bridge = new BridgeProcess(machine);
    const read = modern(1, "tools/call", {
      name: "read_knowledge",
      arguments: { workspace_id: id, path: "a.md" },
    });

    for (const byte of Buffer.from(`${JSON.stringify(read)}\n`)) bridge.child.stdin.write(Buffer.of(byte));

    const { result } = await bridge.answerTo(1);
    expect(JSON.stringify(result)).toContain("a\u2028b\u2029🧠 ".repeat(1000));
    expect(bridge.stdout.split("\n")).toHaveLength(2);
  });

  it("asks several things at once, and answers no call that was cancelled", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await machineFor(proxy.url, server);
    await using bridge = new BridgeProcess(machine);
    let gone = 0;
    proxy.intervene = ({ headers, socket }) => {
      if (headers["mcp-name"] !== "get_overview") return undefined;
      socket.once("close", () => (gone += 1));
      return "hang";
    };

    bridge.send(modern(1, "tools/call", { name: "get_overview", arguments: {} }));
    await vi.waitFor(() => expect(proxy.passed).toHaveLength(1), { timeout: 20_000 });
    bridge.send(modern(2, "tools/list"));
    await bridge.answerTo(2);
    bridge.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await vi.waitFor(() => expect(gone).toBe(1), { timeout: 20_000 });

    expect(await bridge.end()).toBe(0);
    expect(bridge.messages.map(({ id }) => id)).toEqual([2]);
  });

  it("says what fails, with the call's id, and works again when the server is back", async () => {
    await using folder = await tempFolder();
    const first = await startServer({ root: folder.path });
    const { port } = new URL(first.url);
    await using machine = await machineFor(first.url, first);
    await using bridge = new BridgeProcess(machine);
    await bridge.ask(1, "initialize", START);
    await first[Symbol.asyncDispose]();

    const away = await bridge.ask(2, "tools/list");
    await using _second = await startServer({ root: folder.path, env: { PORT: port } });
    const back = await bridge.ask(3, "tools/list");

    expect(away.error).toEqual({
      code: -32_603,
      message: `127.0.0.1:${port} cannot be reached (ECONNREFUSED). Is the server running there?`,
    });
    expect(back).toHaveProperty("result.tools");
    expect(bridge.stderr).toContain("cannot be reached");
  });

  it.each([
    ["a page of another server's", { status: 200, headers: { "content-type": "text/html" }, body: "<p>" }],
    ["a failure of a proxy between", { status: 502, body: "<html>" }],
    ["an address that has moved", { status: 308, headers: { location: "https://example.org/mcp" } }],
    [
      "an answer that breaks off",
      { status: 200, headers: { "content-length": "9", connection: "close" }, body: "{}" },
    ],
  ])("answers with an error where %s comes", async (_, answer) => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await machineFor(proxy.url, server);
    await using bridge = new BridgeProcess(machine);
    proxy.intervene = () => answer;

    const { error } = await bridge.ask(1, "tools/list");

    expect(error).toMatchObject({ code: -32_603, message: expect.stringMatching(/^[A-Z][^<]+$/) });
    expect(proxy.passed).toHaveLength(1);
  });

  it("says where a wrong token lies, and neither that token nor a part of it", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({
      MCP_MEMORY_URL: server.url,
      MCP_MEMORY_TOKEN: "wrong-token-0123456789",
    });
    await using bridge = new BridgeProcess(machine);

    const { error } = await bridge.ask(1, "initialize", START);

    expect(error?.message).toMatch(
      /^The server does not accept the token\. It comes from MCP_MEMORY_TOKEN; /,
    );
    expect(bridge.stdout + bridge.stderr).not.toContain("0123456789");
  });

  it("tells who asks it why it cannot start, and ends with that", async () => {
    await using machine = await Machine.create({ SYNC_TOKEN: "a-sync-token-0123456789" });
    await machine.write("file", "");
    await using tokenless = new BridgeProcess(machine);
    await using folderless = new BridgeProcess(machine, ["--local", machine.path("file")]);

    const answers = await Promise.all(
      [tokenless, folderless].map((bridge) => bridge.ask(1, "initialize", START)),
    );

    expect(answers[0]?.error?.message).toMatch(/^There is no AI token\. Set MCP_MEMORY_TOKEN/);
    expect(answers[1]?.error?.message).toContain("not a directory");
    expect([await tokenless.end(), await folderless.end()]).toEqual([3, 1]);
  });

  it("does not start without an AI token", async () => {
    await using machine = await Machine.create({ SYNC_TOKEN: "a-sync-token-0123456789" });

    const ended = await machine.run(["mcp"]);

    expect(ended).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/no AI token.*MCP_MEMORY_TOKEN/),
    });
  });

  it("ends when nobody reads its answers any more", async () => {
    await using server = await startServer();
    await using machine = await machineFor(server.url, server);
    await using bridge = new BridgeProcess(machine);
    await bridge.ask(1, "initialize", START);
    const closed = new Promise((resolve) => bridge.child.once("exit", resolve));

    bridge.child.stdout.destroy();
    bridge.request(2, "tools/list");

    expect(await closed).toBe(0);
    expect(bridge.stderr).toMatch(/^memory-sync mcp: .*\n$/);
  });
});
