import { readdir, readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { SessionPage } from "../../contract/wire.ts";
import { buildBundle, Machine } from "../support/memory-sync.ts";
import { oldestNode } from "../support/oldest-node.ts";
import { installTranscripts } from "../support/client-places.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const LINE = `${JSON.stringify({ type: "user", sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp: "2026-11-21T06:00:00.000Z", message: { role: "user", content: "why does the quokka export fail" } })}\n`;

const { path: node, version } = oldestNode();

beforeAll(buildBundle);

async function machineOf(server: TestServer): Promise<Machine> {
  const env = {
    MCP_MEMORY_URL: `${server.url}/mcp`,
    MCP_MEMORY_TOKEN: server.tokens.ai,
    SYNC_TOKEN: server.tokens.sync,
  };
  const machine = await Machine.create(env, node);
  await machine.write(".memory-sync/config.json", '{"machine":"laptop"}');
  return machine;
}

async function sessionIds(server: TestServer): Promise<string[]> {
  const page = SessionPage.parse(await (await server.api("sessions?limit=500")).json());
  return page.entries.map(({ session_id: id }) => id);
}

describe(`the bundle under NODE ${version} (${node})`, () => {
  it(`Node ${version}: saves a session from a hook`, async () => {
    await using server = await startServer();
    await using machine = await machineOf(server);
    const transcript = await machine.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);
    const payload = JSON.stringify({ hook_event_name: "SessionEnd", transcript_path: transcript });

    const hook = await machine.run(["claude-hook"], { stdin: payload, program: "bundle" });

    expect(hook).toEqual({ code: 0, stdout: "", stderr: "" });
    await vi.waitFor(async () => expect(await sessionIds(server)).toEqual([SESSION_ID]), { timeout: 25_000 });
    // The worker tells its end in the log, after its last write.
    await vi.waitFor(async () => expect(await machine.log("sync")).not.toBe(""), { timeout: 25_000 });
  }, 60_000);

  it(`Node ${version}: sets a machine up, and takes that out again`, async () => {
    await using server = await startServer();
    // Without any program of this system: its schedule is nobody's business here.
    await using machine = await Machine.create({ PATH: "/nowhere" }, node);
    await machine.write(".claude/settings.json", "{}\n");
    const tokens = JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync });
    const args = ["install", "--url", server.url, "--tokens-stdin", "--agents", "claude,codex"];

    const install = await machine.run(args, { stdin: tokens, program: "bundle" });
    const headers = await machine.run(["mcp-headers"], { program: "bundle" });
    const doctor = await machine.run(["doctor"], { program: "bundle" });
    const uninstall = await machine.run(["uninstall", "--purge"], { program: "bundle" });

    expect([install, headers, doctor, uninstall].map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array.from({ length: 4 }, () => ({ code: 0, stderr: "" })),
    );
    expect(headers.stdout).toBe(`{"Authorization":"Bearer ${server.tokens.ai}"}\n`);
    expect(await readdir(machine.home, { recursive: true })).toEqual([".claude", ".claude/settings.json"]);
    expect(await readFile(machine.path(".claude/settings.json"), "utf8")).toBe("{}\n");
  }, 60_000);

  it(`Node ${version}: sends a small home, and searches in it`, async () => {
    await using server = await startServer();
    await using machine = await machineOf(server);
    await machine.write("shop/CLAUDE.md", "# Shop\n\nThe zeppelin invoices are rounded up.\n");
    await machine.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);
    await installTranscripts("codex/archived_sessions", machine.path(".codex/archived_sessions"));
    await installTranscripts("codex/compressed", machine.path(".codex/sessions/2026/11/21"));
    const program = "bundle";

    const test = await machine.run(["test"], { program });
    const init = await machine.run(["init-manifest", "--cwd", "~/shop"], { program });
    const rescue = await machine.run(["rescue", "--since", "2020-01-01", "--json"], { program });
    const sync = await machine.run(["sync", "--json"], { program });
    const again = await machine.run(["sync", "--json"], { program });
    const status = await machine.run(["status"], { program });

    expect([test, init, rescue, sync, again, status].filter(({ code }) => code !== 0)).toEqual([]);
    expect(JSON.parse(rescue.stdout)).toMatchObject({ report: { sessions: { created: 3 } } });
    expect(JSON.parse(sync.stdout)).toMatchObject({ knowledge: { created: 1 }, sessions: { created: 0 } });
    expect(JSON.parse(again.stdout)).toMatchObject({ bytes_sent: 0, sessions: { unchanged: 3 } });
    // On a busy machine the time of one search may be over before it has looked everywhere.
    await vi.waitFor(
      async () => {
        const search = await machine.run(["search", "quokka zeppelin", "--json"], { program });
        expect(JSON.parse(search.stdout)).toMatchObject({
          knowledge: { hits: [{ path: "CLAUDE.md" }] },
          sessions: { hits: [{ session_id: SESSION_ID }] },
        });
      },
      { timeout: 25_000 },
    );
  }, 60_000);

  it(`Node ${version}: bridges the server, and serves a memory without one`, async () => {
    await using server = await startServer();
    await using machine = await machineOf(server);
    const calls = [
      ["write_overview", { content: "from an old Node" }],
      ["memory_20250818", { command: "create", path: "/memories/a.md", file_text: "a" }],
    ].map(([name, given], id) =>
      JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: given } }),
    );
    const program = "bundle";

    const bridged = await machine.run(["mcp", "--project", "shop"], { stdin: calls[0] ?? "", program });
    const local = await machine.run(["mcp", "--local", "notes"], { stdin: calls[1] ?? "", program });

    expect([bridged, local].map(({ code }) => code)).toEqual([0, 0]);
    expect(bridged.stdout).toContain("laptop-claude-code-shop");
    expect(local.stdout).toContain("File created successfully");
    expect(await readdir(machine.path("notes"))).toEqual(["a.md"]);
  }, 60_000);
});
