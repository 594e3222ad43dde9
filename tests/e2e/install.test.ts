import { spawn } from "node:child_process";
import { chmod, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { SessionPage } from "../../contract/wire.ts";
import { atTerminal, TERMINAL } from "../support/at-terminal.ts";
import { childEnv } from "../support/child-env.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { finished } from "../support/run-program.ts";
import { HttpEdge } from "../support/http-edge.ts";
import { joinCode } from "../support/join-code.ts";
import { startServer, type TestServer } from "../support/server.ts";

const BUNDLE = join(import.meta.dirname, "../../dist/memory-sync.mjs");
const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const LINE = `${JSON.stringify({ type: "user", sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp: "2026-11-21T06:00:00.000Z", message: { role: "user", content: "why does the quokka export fail" } })}\n`;

beforeAll(buildBundle);

const install = (server: TestServer, ...args: string[]) => [
  "install",
  "--url",
  server.url,
  "--tokens-stdin",
  ...args,
];
const tokensOf = ({ tokens }: TestServer) => ({
  stdin: JSON.stringify({ ai_token: tokens.ai, sync_token: tokens.sync }),
});

/** The command at a place in a file of settings, as its client reads it. */
async function commandIn(person: Person, file: string, ...place: (string | number)[]): Promise<string> {
  const found = place.reduce((held, key) => held[key], JSON.parse(await person.read(file)));
  return String(found);
}

describe("memory-sync install", () => {
  it("turns one pasted line into a machine whose sessions are archived by the hook that it wrote", async () => {
    await using server = await startServer();
    await using person = await Person.create({ name: "Ann O'Neil's home" });
    await person.write(".claude/settings.json", '{\n  "model": "opus"\n}\n');
    const line = `curl -fsSL ${server.url}/install.sh | bash -s -- --join ${await joinCode(server, "Laptop")}`;

    const env = childEnv(person.env);
    const pasted = await finished(spawn("bash", ["-c", line], { cwd: person.home, env, detached: true }));
    const transcript = await person.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);
    const tested = await person.shell(`"$HOME/.memory-sync/bin/memory-sync" test`);
    const hook = await commandIn(
      person,
      ".claude/settings.json",
      "hooks",
      "SessionEnd",
      0,
      "hooks",
      0,
      "command",
    );
    const fired = await person.shell(
      hook,
      JSON.stringify({ hook_event_name: "SessionEnd", transcript_path: transcript }),
    );

    expect(pasted).toMatchObject({ code: 0, stderr: "" });
    expect(pasted.stdout).toContain('AI       "laptop (join)" reads *, writes laptop-*');
    expect(tested.stdout).toContain(": * (writes only to laptop-*)");
    expect(fired).toEqual({ code: 0, stdout: "", stderr: "" });
    await vi.waitFor(
      async () => {
        const page = SessionPage.parse(await (await server.api("sessions")).json());
        expect(page.entries).toMatchObject([
          { workspace_id: "laptop-claude-code-shop", session_id: SESSION_ID },
        ]);
        // The worker tells its end in the log, after its last write.
        expect(await readFile(person.path(".memory-sync/log/sync.log"), "utf8")).not.toBe("");
      },
      { timeout: 20_000 },
    );
  });

  it("connects Claude Code without a secret in its settings", async () => {
    await using server = await startServer();
    await using person = await Person.create({ name: "with space" });
    await person.write(".claude/settings.json", "{}\n");

    const { code } = await person.run(install(server, "--no-schedule", "--machine", "A b"), tokensOf(server));
    const helper = await commandIn(person, ".claude.json", "mcpServers", "memory", "headersHelper");
    const url = await commandIn(person, ".claude.json", "mcpServers", "memory", "url");
    const asked = await person.shell(helper, "", { CLAUDE_CODE_MCP_SERVER_URL: url });
    const elsewhere = await person.shell(helper, "", {
      CLAUDE_CODE_MCP_SERVER_URL: "https://evil.example/mcp",
    });
    const credentials = await stat(person.path(".memory-sync/credentials.json"));

    expect(code).toBe(0);
    expect(url).toBe(`${server.url}/mcp`);
    expect(await person.read(".claude.json")).not.toContain(server.tokens.ai);
    expect(JSON.parse(asked.stdout)).toEqual({ Authorization: `Bearer ${server.tokens.ai}` });
    expect(elsewhere).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(await person.read(".memory-sync/config.json"))).toEqual({
      url: server.url,
      machine: "a-b",
    });
    expect(credentials.mode & 0o777).toBe(0o600);
  });

  it("closes its folder when others can change or read it, and says so", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await mkdir(person.path(".memory-sync"), { recursive: true });
    await chmod(person.path(".memory-sync"), 0o777);

    const shown = await person.run(install(server, "--no-schedule", "--dry-run"), tokensOf(server));
    const open = await stat(person.path(".memory-sync"));
    const { code, stderr } = await person.run(install(server, "--no-schedule"), tokensOf(server));
    const again = await person.run(["install", "--no-schedule"]);

    const said = /others of this machine could .*\.memory-sync/i;
    expect([shown.code, open.mode & 0o777]).toEqual([0, 0o777]);
    expect(shown.stderr).toMatch(/others of this machine can .*\.memory-sync/i);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(said) });
    expect((await stat(person.path(".memory-sync"))).mode & 0o777).toBe(0o700);
    expect(again.stderr).not.toMatch(said);
  });

  it("gives Claude Code what was installed, whatever an older shell or a project's settings say", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".claude/settings.json", "{}\n");
    await person.run(install(server, "--no-schedule"), tokensOf(server));
    const older = { MCP_MEMORY_TOKEN: "an-older-token-0123456789", MCP_MEMORY_URL: "http://127.0.0.1:1/mcp" };

    const { stdout } = await person.run(["mcp-headers"], {
      env: { ...older, CLAUDE_CODE_MCP_SERVER_URL: `${server.url}/mcp` },
    });

    expect(stdout).toBe(`{"Authorization":"Bearer ${server.tokens.ai}"}\n`);
  });

  it("lets Claude Code's own program add the server, and shows it no secret", async () => {
    await using server = await startServer();
    await using person = await Person.create({ claude: true });
    await person.write(".claude.json", '{ "numStartups": 3 }');

    const first = await person.run(install(server, "--no-schedule", "--json"), tokensOf(server));
    const second = await person.run(["install", "--no-schedule", "--json"]);
    const argv = await person.noted("claude.log");
    await person.run(["uninstall"]);

    const stateIn = (stdout: string): unknown =>
      JSON.parse(stdout).steps.find(({ id }: { id: string }) => id === "claude-server")?.state;
    expect([first.stdout, second.stdout].map(stateIn)).toEqual(["done", "already"]);
    expect(argv).toMatch(/^mcp add-json memory \{"type":"http".*mcp-headers"\} -s user\n$/);
    expect(argv).not.toContain(server.tokens.ai);
    expect(await person.noted("claude.log")).toBe(`${argv}mcp remove memory -s user\n`);
    expect(JSON.parse(await person.read(".claude.json"))).toEqual({ numStartups: 3, mcpServers: {} });
  });

  it("writes the token out for an older Claude Code, when that is wished, and past its command line", async () => {
    await using server = await startServer();
    await using person = await Person.create({ claude: true });
    await person.write(".claude.json", "{}");
    const open = await person.run(install(server, "--no-schedule", "--literal-header"), tokensOf(server));
    await person.run(["uninstall"]);
    await rm(person.path(".claude.json"));

    const literal = await person.run(install(server, "--no-schedule", "--literal-header"), tokensOf(server));
    const headers = JSON.parse(await person.read(".claude.json")).mcpServers.memory.headers;
    const { mode } = await stat(person.path(".claude.json"));
    const shown = await person.run(["install", "--no-schedule", "--dry-run"]);
    await person.run(["install"]);
    const kept = await person.read(".claude.json");
    await person.run(["install", "--no-literal-header"]);
    const helper = await commandIn(person, ".claude.json", "mcpServers", "memory", "headersHelper");

    expect([open.code, literal.code]).toEqual([0, 0]);
    expect(open.stdout).toContain("chmod 600");
    expect(literal.stdout).not.toContain("chmod 600");
    expect(headers).toMatchObject({ Authorization: `Bearer ${server.tokens.ai}` });
    expect(mode & 0o777).toBe(0o600);
    expect(kept).toContain(server.tokens.ai);
    expect(await person.noted("claude.log")).toBe("");
    expect(shown.stdout).not.toContain(server.tokens.ai);
    expect(helper).toContain("mcp-headers");
    expect(await person.read(".claude.json")).not.toContain(server.tokens.ai);
  });

  it("puts Codex's token into what the person's shell starts, and into no file that others may read", async () => {
    await using server = await startServer();
    await using person = await Person.create({ name: "Ann O'Neil" });
    await person.write(".codex/config.toml", "");
    await person.write(".bashrc", "");

    await person.run(install(server, "--no-schedule"), tokensOf(server));
    const shells = await Promise.all(
      ["bash -lc", "bash -ic", "sh -elc"].map((shell) => person.shell(`${shell} 'echo $MCP_MEMORY_TOKEN'`)),
    );
    const env = await stat(person.path(".memory-sync/env"));

    expect(shells.map(({ stdout }) => stdout.trim())).toEqual(Array(3).fill(server.tokens.ai));
    expect(await person.read(".codex/config.toml")).toContain('bearer_token_env_var = "MCP_MEMORY_TOKEN"');
    expect(env.mode & 0o777).toBe(0o600);
    expect(await person.filesWith(server.tokens.ai)).toEqual([
      ".memory-sync/credentials.json",
      ".memory-sync/env",
    ]);
  });

  it("joins from a terminal that still has the token of an earlier install, and stays joined", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".codex/config.toml", "");
    await person.run(install(server, "--no-schedule", "--machine", "laptop"), tokensOf(server));
    const terminal = { env: { MCP_MEMORY_TOKEN: server.tokens.ai } };
    const stdin = JSON.stringify({ join: await joinCode(server, "laptop") });
    await person.run(install(server, "--no-schedule"), { ...terminal, stdin });
    const joined = await person.read(".memory-sync/env");

    const again = await person.run(["install", "--no-schedule"], terminal);
    const tested = await person.run(["test"], terminal);
    const examined = await person.run(["doctor"], terminal);
    const evil = await person.run(["sync"], {
      env: { ...terminal.env, MCP_MEMORY_URL: "http://127.0.0.1:2/mcp" },
    });

    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain('AI       "laptop (join)"');
    expect(joined).not.toContain(server.tokens.ai);
    expect(await person.read(".memory-sync/env")).toBe(joined);
    expect(await person.filesWith(server.tokens.ai)).toEqual([]);
    expect(tested.stdout).toMatch(/^ai +ok: "laptop \(join\)".*\n +It comes from credentials\.json$/m);
    expect(tested.stderr).toContain("MCP_MEMORY_TOKEN of this terminal is an earlier token");
    expect(examined.stdout).toMatch(/token\.ai +"laptop \(join\)" from credentials\.json/);
    expect(examined.stdout).toMatch(/look +token\.env +MCP_MEMORY_TOKEN of this terminal/);
    expect(evil).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`credentials.json are for ${server.url}`),
    });
  });

  it("leaves servers of others alone: one of the same address is enough, of another it says so", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const entry = { type: "http", url: `${server.url}/mcp`, headers: { Authorization: "Bearer by-hand" } };
    const settings = JSON.stringify({ mcpServers: { memory: entry } });
    const foreign = settings.replace(server.url, "https://other.example");

    await person.write(".claude.json", settings);
    const shown = await person.run(install(server, "--dry-run"), tokensOf(server));
    const same = await person.run(install(server, "--no-schedule"), tokensOf(server));
    const kept = await person.read(".claude.json");
    await person.write(".claude.json", foreign);
    const other = await person.run(install(server, "--no-schedule"), tokensOf(server));
    const named = await person.run(install(server, "--no-schedule", "--name", "ours"), tokensOf(server));

    expect([shown.code, same.code]).toEqual([0, 0]);
    expect(shown.stdout).toContain("it stays");
    expect(same.stdout).toContain("written by somebody else; it stays");
    expect(kept).toBe(settings);
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining("another name with --name") });
    expect(named.code).toBe(0);
    expect(Object.keys(JSON.parse(await person.read(".claude.json")).mcpServers)).toEqual(["memory", "ours"]);
  });

  it("leaves the bridge that a person added, which doctor takes for the server; one to a folder is not", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const told = (...args: string[]) => {
      const memory = { type: "stdio", command: person.path(".memory-sync/bin/memory-sync"), args, env: {} };
      return person.write(".claude.json", JSON.stringify({ mcpServers: { memory } }));
    };

    await told("mcp");
    const shown = await person.run(install(server, "--dry-run"), tokensOf(server));
    const kept = await person.run(install(server, "--no-schedule"), tokensOf(server));
    const well = await person.run(["doctor"]);
    await told("mcp", "--local", "/memories");
    const taken = await person.run(install(server, "--no-schedule"), tokensOf(server));
    const wrong = await person.run(["doctor"]);

    expect([shown.code, kept.code, taken.code]).toEqual([0, 0, 1]);
    expect(shown.stdout).toContain("starts memory-sync mcp");
    expect(kept.stdout).toContain("starts memory-sync mcp");
    expect(well.stdout).toContain('Claude Code knows the server as "memory"');
    expect(taken.stdout).toContain("another name with --name");
    expect(wrong.stdout).toContain("Claude Code is not told of the server");
  });

  it("says where a token comes from that the server does not know", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const given = { stdin: JSON.stringify({ ai_token: "wrong-token-0123456789" }) };
    const atFirst = await person.run(install(server, "--no-schedule"), given);
    await person.write(
      ".memory-sync/credentials.json",
      JSON.stringify({ ai_token: "gone-token-0123456789" }),
    );

    const later = await person.run(["install", "--url", server.url, "--no-schedule"]);

    expect(atFirst.stderr).toContain("It comes from the AI token that was given");
    expect(later.code).toBe(3);
    expect(later.stderr).toContain("It comes from credentials.json");
  });

  it("writes nothing before the server knows both tokens", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".claude/settings.json", "{}\n");
    const before = await person.allFiles();
    const { ai, sync } = server.tokens;
    const given = (tokens: Record<string, string>) =>
      person.run(install(server, "--no-schedule"), { stdin: JSON.stringify(tokens) });

    const answers = [
      await given({ ai_token: ai, sync_token: "wrong-token-0123456789" }),
      await given({ ai_token: sync, sync_token: ai }),
      await given({}),
      await given({ join: `fmjo_${"a".repeat(26)}` }),
      await person.run(["install", "--url", "http://127.0.0.1:2", "--tokens-stdin"], tokensOf(server)),
    ];

    expect(answers.map(({ code }) => code)).toEqual([3, 3, 3, 3, 4]);
    expect(await person.allFiles()).toEqual(before);
  });

  it("shows what it would change, and no secret that stands near it", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const key = `sk-ant-api03-${"Ab1".repeat(31)}`;
    await person.write(".claude/settings.json", `{\n  "env": { "ANTHROPIC_API_KEY": "${key}" }\n}\n`);
    await person.write(".codex/config.toml", 'model = "x"\n');
    const code = await joinCode(server, "laptop");
    const before = await person.allFiles();
    const dry = await person.run(install(server, "--dry-run"), { stdin: JSON.stringify({ join: code }) });
    const dryTokens = await person.run(install(server, "--dry-run", "--json"), tokensOf(server));

    const after = await person.allFiles();
    const done = await person.run(install(server, "--no-schedule"), {
      stdin: JSON.stringify({ join: code }),
    });

    expect(after).toEqual(before);
    expect(dry.stdout).toContain('+            "command": "');
    expect(dry.stdout).toContain("+[mcp_servers.memory]");
    expect(dry.stdout).toContain('"ANTHROPIC_API_KEY": "[redacted:');
    for (const secret of [key, code, server.tokens.ai, server.tokens.sync])
      expect(dry.stdout + dry.stderr + dryTokens.stdout + dryTokens.stderr).not.toContain(secret);
    // The code was not used up.
    expect(done.code).toBe(0);
  });

  it("says what the schedule will send before it does, and which settings are not read", async () => {
    await using server = await startServer();
    await using person = await Person.create({ env: { HAS_CRON: "1" } });
    await person.write(".claude/settings.json", "{ // mine\n}\n");
    await person.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);

    const shown = await person.run(install(server, "--dry-run"), tokensOf(server));
    const first = await person.run(install(server), tokensOf(server));
    const redacted = await person.run(["install", "--redact"]);
    await person.run(["sync"]);
    const sent = await person.run(["install"]);

    const notice = `1 transcript (${LINE.length} B) that is here already goes to ${server.url}`;
    expect(shown.stdout).toContain(notice);
    expect(first.stdout).toContain(`${notice} with the next sync, within 15 minutes, with whatever secrets`);
    expect(first.stdout).toContain(`out of ${person.path(".claude/settings.json")}: until then`);
    expect(redacted.stdout).toContain("with secrets taken out");
    expect(sent.stdout).not.toContain("transcript");
  });

  it("leaves nothing on the disk when the pasted line only shows, or when its token is refused", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".claude/settings.json", "{}\n");
    const before = await person.allFiles();
    const paste = (...args: string[]) =>
      person.shell(`curl -fsSL ${server.url}/install.sh | bash -s -- ${args.join(" ")}`);

    const dry = await paste(server.tokens.ai, "-- --dry-run");
    const refused = await paste("wrong-token-0123456789");
    const after = await person.allFiles();
    const done = await paste(server.tokens.ai, "-- --no-schedule");

    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^write .*memory-sync\.mjs$/m) });
    expect(refused.code).toBe(3);
    expect(after).toEqual(before);
    expect(done.stdout).toMatch(/^done {5}the program: /m);
  });

  it.each([
    ["no schedule", {}],
    ["a timer of systemd", { HAS_SYSTEMD: "1" }],
    ["a line of the crontab", { HAS_CRON: "1" }],
  ])("would do nothing again on a machine that is set up, with %s", async (_name, env) => {
    await using server = await startServer();
    await using person = await Person.create({ env });
    await person.write(".claude/settings.json", "{}\n");
    await person.write(".codex/config.toml", "");
    await person.run(install(server), tokensOf(server));

    const dry = await person.run(["install", "--dry-run", "--json"]);
    const other = await person.run(["install", "--dry-run", "--json", "--every", "60", "--tokens-stdin"], {
      stdin: JSON.stringify({ ai_token: server.tokens.sync }),
    });

    const statesOf = ({ stdout }: { stdout: string }, state: string): string[] =>
      JSON.parse(stdout).steps.flatMap((step: { id: string; state: string }) =>
        step.state === state ? [step.id] : [],
      );
    expect(statesOf(dry, "change")).toEqual([]);
    expect(statesOf(dry, "already")).toEqual(expect.arrayContaining(["program", "launcher", "tokens"]));
    expect(statesOf(other, "change")).toEqual([
      "tokens",
      "env",
      ...(Object.keys(env).length > 0 ? ["schedule"] : []),
    ]);
  });

  it("puts the hooks in where the permission for the tools cannot be, and tells what to do", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const settings = '{ "permissions": { "allow": "all" } }\n';
    await person.write(".claude/settings.json", settings);

    const { code, stdout } = await person.run(
      install(server, "--no-schedule", "--allow-tools"),
      tokensOf(server),
    );
    const hooks = JSON.parse(await person.read(".claude/settings.json")).hooks;
    const removed = await person.run(["uninstall"]);

    expect(code).toBe(1);
    expect(stdout).toMatch(/^done {5}Claude Code: the hooks: /m);
    expect(stdout).toMatch(/^FAILED {3}Claude Code: the permission for the tools: /m);
    expect(stdout).toContain('"permissions.allow" is not a list; change that and run install again');
    expect(Object.keys(hooks)).toContain("SessionEnd");
    expect(removed.code).toBe(0);
    expect(await person.read(".claude/settings.json")).toBe(settings);
  });

  it("leaves a file alone that it cannot edit, says what to add, and does the rest", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const broken = '{ "model": \n';
    await person.write(".claude/settings.json", broken);
    await person.write(".codex/config.toml", "");

    const { code, stdout } = await person.run(install(server, "--no-schedule"), tokensOf(server));

    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAILED {3}Claude Code: the hooks: ~\/\.claude\/settings\.json$/m);
    expect(stdout).toContain('"SessionEnd": [');
    expect(await person.read(".claude/settings.json")).toBe(broken);
    expect(await person.read(".codex/config.toml")).toContain("[mcp_servers.memory]");
  });

  it("changes server or machine only when that is meant", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.run(install(server, "--no-schedule", "--machine", "one"), tokensOf(server));
    const before = await person.allFiles();

    const unsure = await person.run(["install", "--no-schedule", "--machine", "two"]);
    const between = await person.allFiles();
    const sure = await person.run(["install", "--no-schedule", "--machine", "two", "--yes"]);

    expect(unsure).toMatchObject({ code: 1, stderr: expect.stringContaining("two instead of one") });
    expect(between).toEqual(before);
    expect(sure.code).toBe(0);
    expect(JSON.parse(await person.read(".memory-sync/config.json")).machine).toBe("two");
  });

  it("takes the join code of another machine only when that is meant, and does not use it up before", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.run(install(server, "--no-schedule", "--machine", "tablet"), tokensOf(server));
    const before = await person.allFiles();
    const join = { stdin: JSON.stringify({ join: await joinCode(server, "other") }) };

    const unsure = await person.run(install(server), join);
    const between = await person.allFiles();
    const sure = await person.run(install(server, "--yes"), join);
    const own = { stdin: JSON.stringify({ join: await joinCode(server, "other") }) };
    const again = await person.run(install(server), own);

    expect(unsure).toMatchObject({ code: 1, stderr: expect.stringContaining("for the machine other") });
    expect(unsure.stderr).toContain("With --yes");
    expect(between).toEqual(before);
    expect(sure).toMatchObject({ code: 0, stderr: expect.stringContaining("made for the machine other") });
    expect(sure.stdout).toMatch(/^done +the client's tokens/m);
    expect(JSON.parse(await person.read(".memory-sync/config.json")).machine).toBe("other");
    expect(again.code).toBe(0);
  });

  it("shows the tokens of one server to no other", async () => {
    await using server = await startServer();
    await using edge = await HttpEdge.start();
    await using person = await Person.create();
    await person.run(install(server, "--no-schedule"), tokensOf(server));
    const other = `http://127.0.0.1:${edge.port}`;

    const { code, stderr } = await person.run(["install", "--no-schedule", "--yes", "--url", other]);

    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("There is no token") });
    expect(edge.logLines).toEqual([]);
  });

  it.skipIf(TERMINAL === undefined)("asks for what nobody gave it, and shows none of it", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const { ai, sync } = server.tokens;
    const command = `node ${BUNDLE} install --no-schedule --url ${server.url}`;

    const asked = await atTerminal(person, command, {
      "Join code or AI token (not shown): ": ai,
      "Sync token (not shown): ": sync,
    });
    const moved = await atTerminal(person, `${command} --machine other`, { "Go on? [y/N] ": "y" });
    const stays = await atTerminal(person, `${command} --machine third`, { "Go on? [y/N] ": "n" });

    expect(asked).toMatchObject({ code: 0, screen: expect.stringContaining("Next:") });
    expect(asked.screen).not.toContain(ai);
    expect(asked.screen).not.toContain(sync);
    expect(JSON.parse(await person.read(".memory-sync/credentials.json"))).toMatchObject({
      ai_token: ai,
      sync_token: sync,
    });
    expect([moved.code, stays.code]).toEqual([0, 1]);
    expect(JSON.parse(await person.read(".memory-sync/config.json")).machine).toBe("other");
  });
});
