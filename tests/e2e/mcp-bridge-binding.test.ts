import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { AiRegistration, Joined } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { BridgeProcess, type Said } from "../support/bridge-process.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { joinCode } from "../support/join-code.ts";
import { buildBundle, Machine } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const JSON_TYPE = { "content-type": "application/json" };
const MEMORY = "memory_20250818";

/** A token of an AI that a machine of this name has joined with. */
async function joined(server: TestServer, machine: string): Promise<string> {
  const answer = await server.api("join", { method: "POST", token: await joinCode(server, machine) });
  return Joined.parse(await answer.json()).ai.secret;
}

async function asAdmin(server: TestServer, path: string, body: object): Promise<unknown> {
  const { token = "" } = (await readLocalAdmin(server.root)) ?? {};
  const init = { method: "POST", token, headers: JSON_TYPE, body: JSON.stringify(body) };
  return (await server.api(`admin/${path}`, init)).json();
}

/** A machine called laptop, behind a proxy that counts. */
async function laptop(proxy: CountingProxy, token: string): Promise<Machine> {
  const machine = await Machine.create({ MCP_MEMORY_URL: proxy.url, MCP_MEMORY_TOKEN: token });
  await machine.write(".memory-sync/config.json", '{"machine":"laptop"}');
  return machine;
}

function start(bridge: BridgeProcess, client: string): Promise<Said> {
  return bridge.ask("start", "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: client, version: "1" },
  });
}

function tool(bridge: BridgeProcess, id: number, name: string, args: object): Promise<Said> {
  return bridge.ask(id, "tools/call", { name, arguments: args });
}

const registrations = ({ passed }: CountingProxy): number =>
  passed.filter(({ method, path }) => method === "POST" && path === "/api/v1/workspaces").length;

async function memoryOf(server: TestServer, workspaceId: string, path: string): Promise<string> {
  const answer = await server.api(`workspaces/${workspaceId}/memories/${path}`);
  return answer.ok ? answer.text() : `${answer.status}`;
}

beforeAll(buildBundle);

describe("the binding of a bridge", () => {
  it("is the workspace of the folder's manifest, and no business of the model's", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, await joined(server, "laptop"));
    await machine.write("work/shop/deep/x.md", "");
    const manifest = {
      workspace_id: "laptop-codex-webshop",
      machine: "laptop",
      tool: "codex",
      project: "webshop",
      cwd: "~/work/shop",
    };
    await machine.write(".memory-sync/manifests/laptop-codex-webshop.json", JSON.stringify(manifest));
    await using bridge = new BridgeProcess(machine, ["--cwd", machine.path("work/shop/deep")], "bundle");
    await start(bridge, "codex-mcp-client");
    const create = (name: string) => ({ command: "create", path: `/memories/${name}`, file_text: name });

    const answers = await Promise.all([
      tool(bridge, 1, MEMORY, create("a.md")),
      tool(bridge, 2, MEMORY, create("b.md")),
      tool(bridge, 3, "write_overview", { content: "# Shop\n" }),
    ]);

    expect(answers.map((answer) => JSON.stringify(answer))).toEqual([
      expect.stringContaining("File created successfully at: /memories/a.md"),
      expect.stringContaining("File created successfully at: /memories/b.md"),
      expect.stringContaining("laptop-codex-webshop"),
    ]);
    expect(await memoryOf(server, "laptop-codex-webshop", "b.md")).toBe("b.md");
    expect(registrations(proxy)).toBe(1);
    expect(await bridge.end()).toBe(0);
    expect(bridge.stdout + bridge.stderr).not.toMatch(/fm(?:b|ai|sy)_/);
  });

  it.each([
    ["claude-code", [], "laptop-claude-code-my-app"],
    ["codex-mcp-client", [], "laptop-codex-my-app"],
    ["some-editor", [], "laptop-claude-code-my-app"],
    ["some-editor", ["--tool", "Some Editor"], "laptop-some-editor-my-app"],
    ["claude-code", ["--project", "Shop"], "laptop-claude-code-shop"],
  ])("of %s with %j is %s", async (client, args, id) => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, server.tokens.ai);
    await machine.write("My App/x.md", "");
    await using bridge = new BridgeProcess(machine, ["--cwd", machine.path("My App"), ...args]);
    await start(bridge, client);

    const { result } = await tool(bridge, 1, "write_overview", { content: "x" });

    expect(result).toMatchObject({ structuredContent: { workspace_id: id } });
  });

  it("is not asked for before something is written", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, server.tokens.ai);
    await using bridge = new BridgeProcess(machine);
    await start(bridge, "claude-code");

    await tool(bridge, 1, "get_overview", {});
    await tool(bridge, 2, "list_workspaces", {});

    expect(proxy.passed.filter(({ path }) => path !== "/mcp")).toEqual([]);
  });

  it("is renewed once the server knows it no more, and the call is repeated", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, server.tokens.ai);
    await using bridge = new BridgeProcess(machine, ["--project", "shop"]);
    await start(bridge, "claude-code");
    await tool(bridge, 1, "write_overview", { content: "first" });
    await asAdmin(server, "workspaces/laptop-claude-code-shop/revoke-bindings", {});

    const memory = { command: "create", path: "/memories/a.md", file_text: "a" };
    const answers = await Promise.all([
      tool(bridge, 2, "write_overview", { content: "then" }),
      tool(bridge, 3, MEMORY, memory),
    ]);

    expect(answers.map((answer) => JSON.stringify(answer))).toEqual([
      expect.stringContaining('"status":"updated"'),
      expect.stringContaining("File created successfully"),
    ]);
    expect(registrations(proxy)).toBe(2);
  });

  it("does not go with a call that brings its own", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, server.tokens.ai);
    await using bridge = new BridgeProcess(machine, ["--project", "shop"]);
    await start(bridge, "claude-code");
    const name = { machine: "laptop", tool: "claude-code", project: "other" };
    const { result } = await tool(bridge, 1, "register_workspace", name);
    const { structuredContent } = z.object({ structuredContent: AiRegistration }).parse(result);

    const own = await tool(bridge, 2, "write_overview", {
      content: "x",
      binding: structuredContent.binding,
    });
    const wrong = await tool(bridge, 3, "write_overview", { content: "x", binding: "fmb_wrong" });

    expect(own.result).toMatchObject({ structuredContent: { workspace_id: "laptop-claude-code-other" } });
    expect(wrong.result).toMatchObject({ isError: true });
    expect(registrations(proxy)).toBe(0);
  });

  it("is not made with a token for one other workspace alone: the server decides", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    const { id } = await server.register({ machine: "desktop", tool: "codex", project: "bank" });
    const wish = { name: "one", role: "ai", workspaces: [id] };
    const { secret } = z.object({ secret: z.string() }).parse(await asAdmin(server, "tokens", wish));
    await using machine = await laptop(proxy, secret);
    await using bridge = new BridgeProcess(machine, ["--project", "shop"]);
    await start(bridge, "claude-code");

    const memory = await tool(bridge, 1, MEMORY, { command: "create", path: "/memories/a", file_text: "a" });
    const overview = await tool(bridge, 2, "write_overview", { content: "x" });

    expect(JSON.stringify(memory)).toContain("File created successfully");
    expect(await memoryOf(server, id, "a")).toBe("a");
    expect(JSON.stringify(overview)).toContain("forbidden: not bound");
    expect(registrations(proxy)).toBe(0);
  });

  it("is not made outside of what a machine's token may write; what the server says is passed on", async () => {
    await using server = await startServer();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await laptop(proxy, await joined(server, "desktop"));
    await using bridge = new BridgeProcess(machine, ["--project", "shop"]);
    await start(bridge, "claude-code");

    const { result } = await tool(bridge, 1, "write_overview", { content: "x" });

    expect(JSON.stringify(result)).toContain("forbidden: not bound");
    expect(bridge.stderr).toContain("laptop-claude-code-shop");
  });
});
