import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildBundle, Machine, type Program } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const LONG_AGO = new Date("2026-01-02T03:04:05Z");
const MANIFEST = {
  workspace_id: "laptop-claude-code-shop",
  machine: "laptop",
  tool: "claude-code",
  project: "shop",
  tracked_dirs: [{ local: "~/notes", upload_prefix: "notes/", glob: "**/*.md" }],
};

/** A machine with one note, written long ago, that its manifest names. */
async function machineWithNote(server: TestServer): Promise<Machine> {
  const machine = await Machine.create({
    MCP_MEMORY_URL: `${server.url}/mcp`,
    SYNC_TOKEN: server.tokens.sync,
  });
  await machine.write(".memory-sync/config.json", JSON.stringify({ machine: "laptop" }));
  await machine.write(".memory-sync/manifests/shop.json", JSON.stringify(MANIFEST));
  const note = await machine.write("notes/one.md", "# One\n");
  await utimes(note, LONG_AGO, LONG_AGO);
  return machine;
}

/** After a sync that found nothing to do; the server is gone by then. */
async function settledMachine(program: Program): Promise<Machine> {
  await using server = await startServer();
  const machine = await machineWithNote(server);
  await machine.run(["sync"], { program });
  await machine.run(["sync"], { program });
  return machine;
}

/** As if another sync were running: one that has something to do waits for it and says so. */
async function holdLock(machine: Machine): Promise<void> {
  await writeFile(machine.path(".memory-sync/state/sync.lock"), `${process.pid} ${hostname()} here`);
}

beforeAll(buildBundle);

describe.each<Program>(["source", "bundle"])("a sync with nothing to do, from the %s", (program) => {
  it("says the same as the one before, and looks no further", async () => {
    await using machine = await settledMachine(program);
    await holdLock(machine);

    const told = await machine.run(["sync"], { program });
    const json = await machine.run(["sync", "--json", "--quiet"], { program });
    const quiet = await machine.run(["sync", "-q"], { program });

    expect(told).toEqual({
      code: 0,
      stdout: "knowledge: 1 unchanged; sessions: none; 0 B sent\n",
      stderr: "",
    });
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({ knowledge: { unchanged: 1 }, bytes_sent: 0, notes: [] });
  });

  it("is told by status as the last one, whatever an earlier one met", async () => {
    await using machine = await settledMachine(program);
    const failed = { at: LONG_AGO.toISOString(), outcome: "auth", message: "refused" };
    await machine.write(".memory-sync/state/runs/last.json", JSON.stringify(failed));
    await rm(machine.path(".memory-sync/state/runs/up-to-date"), { force: true });

    const before = await machine.run(["status"], { program });
    await machine.run(["sync"], { program });
    const after = await machine.run(["status"], { program });

    expect(before).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("Last sync  failed 2026-01-02"),
    });
    expect(after).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Last sync  20.*, all went well$/m),
    });
  });

  it("is done in full once there is something to do, or when somebody asks for more", async () => {
    await using machine = await settledMachine(program);
    await holdLock(machine);

    const rechecked = await machine.run(["sync", "--json", "--recheck"], { program });
    await machine.write("notes/two.md", "# Two\n");
    const changed = await machine.run(["sync", "--json"], { program });

    for (const { stdout } of [rechecked, changed])
      expect(JSON.parse(stdout)).toMatchObject({ stopped: { why: "busy" } });
  });
});

describe("a sync that looks first", () => {
  it("does not say again that it sent something, not even an empty file", async () => {
    await using server = await startServer();
    await using machine = await machineWithNote(server);
    await machine.run(["sync"]);
    const empty = await machine.write("notes/empty.md", "");
    await utimes(empty, LONG_AGO, LONG_AGO);

    const sending = await machine.run(["sync"]);
    const later = await machine.run(["sync"]);

    expect(sending.stdout).toBe("knowledge: 1 created, 1 unchanged; sessions: none; 0 B sent\n");
    expect(later.stdout).toBe("knowledge: 2 unchanged; sessions: none; 0 B sent\n");
  });

  it.each([
    ["among the manifests", ".memory-sync/manifests/old"],
    ["in the place of its own record", ".memory-sync/state/up-to-date.json"],
  ])("works with a folder %s", async (_, folder) => {
    await using server = await startServer();
    await using machine = await machineWithNote(server);
    await mkdir(machine.path(folder), { recursive: true });

    const first = await machine.run(["sync"]);
    const second = await machine.run(["sync"]);

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(second).toEqual({
      code: 0,
      stdout: "knowledge: 1 unchanged; sessions: none; 0 B sent\n",
      stderr: "",
    });
  });

  it("believes that the server has what was sent; --recheck asks it", async () => {
    await using server = await startServer();
    await using machine = await machineWithNote(server);
    await machine.run(["sync"]);
    await machine.run(["sync"]);
    await rm(join(server.root, "workspaces", MANIFEST.workspace_id, "knowledge/notes/one.md"));

    const usual = await machine.run(["sync"]);
    const rechecked = await machine.run(["sync", "--recheck"]);

    expect(usual.stdout).toContain("knowledge: 1 unchanged;");
    expect(rechecked.stdout).toContain("knowledge: 1 created;");
  });
});
