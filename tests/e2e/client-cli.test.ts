import { mkdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Machine } from "../support/memory-sync.ts";
import { startServer } from "../support/server.ts";

const COMMANDS = [
  "install",
  "uninstall",
  "test",
  "doctor",
  "init-manifest",
  "rescue",
  "sync",
  "claude-hook",
  "mcp-headers",
  "mcp",
  "status",
  "workspaces",
  "sessions",
  "read",
  "search",
];

describe("the command line", () => {
  it("explains itself", async () => {
    await using machine = await Machine.create();

    const pages = await Promise.all(
      [["--help"], ...COMMANDS.map((name) => [name, "--help"])].map(async (args) => {
        const { code, stdout } = await machine.run(args);
        return `$ memory-sync ${args.join(" ")}\n${stdout}${code === 0 ? "" : `exit ${code}\n`}`;
      }),
    );

    const wide = pages
      .join("\n")
      .split("\n")
      .filter((line) => line.length > 80);
    expect(wide).toEqual([]);
    await expect(pages.join("\n")).toMatchFileSnapshot("../golden/memory-sync-help.txt");
  });

  it("explains itself when it is given no command", async () => {
    await using machine = await Machine.create();

    const [bare, help] = [await machine.run([]), await machine.run(["--help"])];

    expect(bare).toEqual(help);
  });

  it("prints its version", async () => {
    await using machine = await Machine.create();

    expect((await machine.run(["--version"])).stdout).toMatch(/^memory-sync \d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["snyc"], 'There is no command "snyc". Did you mean "sync"?'],
    [["sync", "--dry"], 'sync has no option --dry. Did you mean "--dry-run"?'],
    [["zzzzzz"], 'There is no command "zzzzzz". See memory-sync --help'],
    [["--json", "sync"], "The command comes first: memory-sync <command> --json. See memory-sync --help"],
    [["sync", "extra"], "sync takes no arguments but options. See memory-sync sync --help"],
    [["sync", "--zzzzzz"], "sync has no option --zzzzzz. See memory-sync sync --help"],
    [["test", "--url"], "--url wants a value: --url URL. See memory-sync test --help"],
    [["mcp", "--local", ""], "--local wants a folder"],
    [
      ["mcp", "--local", "m", "--tool", "codex"],
      "--tool is for the server's workspaces, and a memory in a folder (--local, MEMORY_DIR) has none",
    ],
    [["test", "--url", "--json"], "--url wants a value: --url URL. See memory-sync test --help"],
    [["sync", "--retry=now"], "--retry takes no value. See memory-sync sync --help"],
    [["test", "--token", "fmai_secret"], "There is no --token"],
    [["test", "--token=fmai_secret"], "There is no --token"],
    [["init-manifest", "--cwd", "/nowhere/at/all"], "There is no folder /nowhere/at/all"],
  ])("ends with 2 and a hint for %j", async (args, message) => {
    await using machine = await Machine.create();

    const { code, stdout, stderr } = await machine.run(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("fmai_secret");
  });

  it("ends with 1 for a wrong config file, and says where", async () => {
    await using machine = await Machine.create();
    await machine.write(".memory-sync/config.json", '{"machin":"x"}');

    const { code, stderr } = await machine.run(["test"]);

    expect(code).toBe(1);
    expect(stderr).toContain(
      `${machine.path(".memory-sync/config.json")}: unknown key "machin". Did you mean "machine"?`,
    );
  });

  it("uses colours only where they are wanted", async () => {
    await using machine = await Machine.create({ FORCE_COLOR: "1" });

    const loud = await machine.run(["snyc"]);
    delete machine.env["FORCE_COLOR"];
    const plain = await machine.run(["snyc"]);

    expect(loud.stderr).toContain("\u001b[");
    expect(plain.stderr).not.toContain("\u001b[");
  });
});

describe("test", () => {
  it("says what both tokens may do", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({
      MCP_MEMORY_URL: `${server.url}/mcp`,
      MCP_MEMORY_TOKEN: server.tokens.ai,
      SYNC_TOKEN: server.tokens.sync,
    });

    const screen = await machine.run(["test"]);
    const json = JSON.parse((await machine.run(["test", "--json"])).stdout);

    expect(screen.code).toBe(0);
    expect(screen.stdout).toMatch(/^ai\s+ok: .* may read and search/m);
    expect(screen.stdout).toMatch(/^sync\s+ok: .* may register workspaces and upload/m);
    expect(json).toMatchObject({ url: server.url, checks: [{ outcome: "ok" }, { outcome: "ok" }] });
    expect(screen.stdout).not.toContain(server.tokens.ai);
  });

  it("ends with 3 for a token that is wrong, missing, or of the other role", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({ MCP_MEMORY_URL: server.url });
    const { ai, sync } = server.tokens;

    const endings = [];
    for (const tokens of [
      { ai: "wrong-token-0123456789", sync },
      { ai: "", sync },
      { ai: sync, sync: ai },
    ]) {
      machine.env["MCP_MEMORY_TOKEN"] = tokens.ai;
      machine.env["SYNC_TOKEN"] = tokens.sync;
      endings.push((await machine.run(["test"])).code);
    }

    expect(endings).toEqual([3, 3, 3]);
  });

  it("ends with 4 when nothing answers", async () => {
    await using machine = await Machine.create({
      MCP_MEMORY_URL: "http://127.0.0.1:2",
      SYNC_TOKEN: "x",
      MCP_MEMORY_TOKEN: "y",
    });

    const { code, stdout } = await machine.run(["test"]);

    expect(code).toBe(4);
    expect(stdout).toContain("127.0.0.1:2 cannot be reached (ECONNREFUSED)");
  });

  it("warns of credentials that others can read", async () => {
    await using machine = await Machine.create();
    await machine.write(".memory-sync/credentials.json", "{}");

    const { stderr } = await machine.run(["test", "--url", "http://127.0.0.1:2"]);

    expect(stderr).toContain("can be read by others");
  });
});

describe("init-manifest", () => {
  it("registers the workspace, keeps the write token to itself and writes the manifest, once", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({
      MCP_MEMORY_URL: server.url,
      SYNC_TOKEN: server.tokens.sync,
    });
    await machine.write("shop/CLAUDE.md", "# Rules\n");
    await machine.write(".memory-sync/config.json", '{"machine":"Laptop"}');
    const args = [
      "init-manifest",
      "--tool",
      "claude-code",
      "--project",
      "Web Shop",
      "--cwd",
      machine.path("shop"),
    ];

    const first = await machine.run(args);
    const path = machine.path(".memory-sync/manifests/laptop-claude-code-web-shop.json");
    const manifest = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...manifest, tracked: [] }));
    const second = await machine.run(args);
    const credentials = await readFile(machine.path(".memory-sync/credentials.json"), "utf8");

    expect(first).toMatchObject({ code: 0, stdout: "laptop-claude-code-web-shop\n" });
    expect(manifest).toMatchObject({
      workspace_id: "laptop-claude-code-web-shop",
      tracked: [
        { local: "~/shop/CLAUDE.md", upload: "CLAUDE.md" },
        { local: "~/shop/AGENTS.md", upload: "AGENTS.md", optional: true },
      ],
      tracked_dirs: [{ upload_prefix: "auto/", glob: "**/*.md" }],
    });
    expect(second.code).toBe(0);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ tracked: [] });
    expect(credentials).toContain("fmwt_");
    expect(first.stdout + first.stderr).not.toContain("fmwt_");
  });

  it("finds Claude Code's notes by the main worktree of the repository", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({
      MCP_MEMORY_URL: server.url,
      SYNC_TOKEN: server.tokens.sync,
    });
    await machine.write("src/shop/.git/HEAD", "ref: refs/heads/main\n");
    await machine.write("src/shop/.git/worktrees/fix/commondir", "../..\n");
    await machine.write("src/shop/.git/worktrees/fix/HEAD", "ref: refs/heads/fix\n");
    await machine.write("src/fix/.git", `gitdir: ${machine.path("src/shop/.git/worktrees/fix")}\n`);
    await mkdir(machine.path("src/fix/lib"));

    const { stdout } = await machine.run(["init-manifest", "--cwd", machine.path("src/fix/lib")]);
    const manifest = JSON.parse(
      await readFile(machine.path(".memory-sync/manifests", `${stdout.trim()}.json`), "utf8"),
    );

    expect(stdout.trim()).toMatch(/-claude-code-shop$/);
    expect(manifest.tracked_dirs[0].local).toMatch(/^~\/\.claude\/projects\/[^/]+-src-shop\/memory$/);
  });

  it("says how to get a write token for a workspace that another machine registered", async () => {
    await using server = await startServer();
    await using machine = await Machine.create({
      MCP_MEMORY_URL: server.url,
      SYNC_TOKEN: server.tokens.sync,
    });
    await server.register({ machine: "laptop", tool: "codex", project: "shop" });

    const args = ["init-manifest", "--machine", "laptop", "--tool", "codex", "--project", "shop"];
    const { code, stderr } = await machine.run(args);

    expect(code).toBe(1);
    expect(stderr).toContain("workspace reissue laptop-codex-shop");
  });
});
