import { beforeAll, describe, expect, it } from "vitest";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** What a person chose of an install holds until they choose anew; what they do not want any more goes, and is said. */

beforeAll(buildBundle);

const SETTINGS = '{\n  // mine\n  "model": "opus"\n}\n';
const CONFIG = '# mine\nmodel = "x"\n';
const BASHRC = "alias ll='ls -l'\n";

interface Step {
  id: string;
  state: string;
  why?: string;
}

/** A machine with both clients and a crontab, on which everything is installed. */
async function installed(server: TestServer, ...args: string[]): Promise<Person> {
  const person = await Person.create({ env: { HAS_CRON: "1" } });
  await person.write(".claude/settings.json", SETTINGS);
  await person.write(".codex/config.toml", CONFIG);
  await person.write(".bashrc", BASHRC);
  const stdin = JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync });
  await person.run(["install", "--url", server.url, "--tokens-stdin", ...args], { stdin });
  return person;
}

/** Installs again; the steps that did not find all as it should be. */
async function again(person: Person, ...args: string[]): Promise<Record<string, Step>> {
  const { stdout } = await person.run(["install", "--json", ...args]);
  const steps: Step[] = JSON.parse(stdout).steps;
  return Object.fromEntries(steps.filter(({ state }) => state !== "already").map((step) => [step.id, step]));
}

const done = (option: string) => ({
  state: "done",
  why: `taken out, as you chose; ${option} puts it in again`,
});
const leftOut = (option: string) => ({
  state: "skipped",
  why: `left out, as you chose; ${option} puts it in`,
});

describe("memory-sync install, again", () => {
  it("keeps the minutes that were chosen", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--every", "30");

    const plain = await again(person);
    const chosen = await person.noted("crontab");
    await again(person, "--every", "60");
    await again(person);

    expect(plain).toEqual({});
    expect(chosen).toMatch(/^\*\/30 /);
    expect(await person.noted("crontab")).toMatch(/^0 \* /);
  });

  it("takes the hooks out that are not wanted any more, leaves them out, and puts them back when asked", async () => {
    await using server = await startServer();
    await using person = await installed(server);

    const shown = await person.run(["install", "--no-hooks", "--dry-run"]);
    const before = await person.read(".codex/hooks.json");
    const without = await again(person, "--no-hooks");
    const settings = await person.read(".claude/settings.json");
    const plain = await again(person);
    const dry = await person.run(["install", "--dry-run"]);
    const back = await again(person, "--hooks");

    expect(shown.stdout).toMatch(/^- +"SessionEnd": \[$/m);
    expect(before).toContain("claude-hook");
    expect(without).toMatchObject({ "claude-hooks": done("--hooks"), "codex-hook": done("--hooks") });
    expect(Object.keys(without)).toHaveLength(2);
    expect(settings).toBe(SETTINGS);
    expect(plain).toMatchObject({ "claude-hooks": leftOut("--hooks"), "codex-hook": leftOut("--hooks") });
    expect(dry.stdout).toContain("# Claude Code: the hooks: left out, as you chose");
    expect(back).toMatchObject({ "claude-hooks": { state: "done" }, "codex-hook": { state: "done" } });
    expect(await again(person)).toEqual({});
  });

  it("says which lines keep ours in a file, and what to run again", async () => {
    await using server = await startServer();
    await using person = await installed(server);
    await person.write(".codex/config.toml", `${await person.read(".codex/config.toml")}profile = "mine"\n`);
    const why =
      "holds more than ours: what stands behind our marks falls to it, up to the next [table]; mend the file and";

    const shown = await person.run(["install", "--no-mcp", "--dry-run"]);
    const without = await person.run(["install", "--no-mcp"]);
    const uninstalled = await person.run(["uninstall"]);

    expect(shown.stdout).toContain(`${why} run install again`);
    expect(without.stdout).toContain(`${why} run install again`);
    expect(uninstalled.stdout).toContain(`${why} run uninstall again`);
  });

  it("adds the permission for the tools without losing the hooks, and takes each of both out alone", async () => {
    await using server = await startServer();
    await using person = await installed(server);
    const hooks = await person.read(".claude/settings.json");

    const added = await again(person, "--allow-tools");
    const both = await person.read(".claude/settings.json");
    const plain = await again(person);
    const without = await again(person, "--no-hooks");
    const tools = await person.read(".claude/settings.json");
    const back = await again(person, "--hooks");
    const asking = await again(person, "--no-allow-tools");
    const end = await person.read(".claude/settings.json");
    await person.run(["uninstall"]);

    expect(Object.keys(added)).toEqual(["claude-tools", "codex-server"]);
    expect([both.match(/claude-hook/g)?.length, both.includes("mcp__memory")]).toEqual([3, true]);
    expect(plain).toEqual({});
    expect(without).toMatchObject({ "claude-hooks": done("--hooks") });
    expect([tools.includes("claude-hook"), tools.includes("mcp__memory")]).toEqual([false, true]);
    expect(Object.keys(back)).toEqual(["claude-hooks", "codex-hook"]);
    expect(asking).toMatchObject({
      "claude-tools": done("--allow-tools"),
      "codex-server": { state: "done" },
    });
    expect(end).toBe(hooks);
    expect(await person.read(".claude/settings.json")).toBe(SETTINGS);
    expect(await person.read(".codex/config.toml")).toBe(CONFIG);
  });

  it("drops nothing silently when hooks go and the permission comes at once", async () => {
    await using server = await startServer();
    await using person = await installed(server);

    const steps = await again(person, "--no-hooks", "--allow-tools");

    expect(steps).toMatchObject({ "claude-hooks": done("--hooks"), "claude-tools": { state: "done" } });
    expect(await person.read(".claude/settings.json")).toContain("mcp__memory");
  });

  it("leaves a permission alone that the person gave", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--no-hooks");
    const own = '{ "permissions": { "allow": ["mcp__memory"] } }\n';
    await person.write(".claude/settings.json", own);

    await again(person, "--hooks", "--allow-tools");
    await again(person, "--no-hooks", "--no-allow-tools");

    expect(await person.read(".claude/settings.json")).toBe(own);
  });

  it("ends the schedule, and begins it again when asked", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--every", "20");

    const without = await again(person, "--no-schedule");
    const ended = await person.noted("crontab");
    const plain = await again(person);
    await again(person, "--schedule", "auto");

    expect(without).toMatchObject({ schedule: done("--schedule auto") });
    expect(ended).toBe("");
    expect(plain).toMatchObject({ schedule: leftOut("--schedule auto") });
    expect(await person.noted("crontab")).toMatch(/^\*\/20 /);
  });

  it("takes the server out of both clients, with what only that needs", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--no-hooks");

    const without = await again(person, "--no-mcp");
    const left = await person.filesWith("memory-sync");
    const plain = await again(person);
    const back = await again(person, "--mcp");

    expect(without).toMatchObject({
      "claude-server": done("--mcp"),
      "codex-server": done("--mcp"),
      env: done("--mcp"),
      shell: done("--mcp"),
      "shell-2": done("--mcp"),
    });
    expect(left.filter((path) => !path.startsWith(".memory-sync"))).toEqual([]);
    expect(await person.read(".bashrc")).toContain("memory-sync");
    expect(Object.values(plain).map(({ state }) => state)).toEqual(Array(4).fill("skipped"));
    expect(back).toMatchObject({ "claude-server": { state: "done" }, "codex-server": { state: "done" } });
  });

  it("takes itself out of the shell's start files", async () => {
    await using server = await startServer();
    await using person = await installed(server);

    const without = await again(person, "--no-shell");

    expect(without).toMatchObject({ shell: done("--shell"), "shell-2": done("--shell") });
    expect(await person.read(".bashrc")).toBe(BASHRC);
    expect(await again(person)).toEqual({});
  });

  it("forgets what was chosen with uninstall, and takes no two opposites", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--no-hooks");

    const both = await person.run(["install", "--hooks", "--no-hooks"]);
    await person.run(["uninstall"]);
    await again(person);

    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("exclude each other") });
    expect(await person.read(".claude/settings.json")).toContain("claude-hook");
  });

  it("leaves out what doctor does not miss then", async () => {
    await using server = await startServer();
    await using person = await installed(server, "--no-hooks", "--no-mcp", "--no-schedule");

    const { stdout } = await person.run(["doctor", "--offline", "--json"]);
    const findings: Step[] = JSON.parse(stdout).findings;
    const about = findings.filter(({ id }) => /^(setup|schedule)\./.test(id));

    expect(about.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "setup.hooks ok",
      "setup.hooks ok",
      "schedule.installed ok",
    ]);
  });

  it("says of a client that is left out this time that it is, and leaves it as it is", async () => {
    await using server = await startServer();
    await using person = await installed(server);
    const before = await person.read(".codex/config.toml");

    const steps = await again(person, "--agents", "claude");

    expect(steps).toMatchObject({ codex: { state: "skipped", why: "it is not among --agents" } });
    expect(await person.read(".codex/config.toml")).toBe(before);
    expect(await again(person)).toEqual({});
  });
});
