import { once } from "node:events";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { isErrno } from "../../disk/errno.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { joinCode } from "../support/join-code.ts";
import { startServer, type TestServer } from "../support/server.ts";

beforeAll(buildBundle);

const SETTINGS =
  '{\n  // mine\n  "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }] },\n}\n';

function install(person: Person, server: TestServer, ...args: string[]) {
  const stdin = JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync });
  return person.run(["install", "--url", server.url, "--tokens-stdin", ...args], { stdin });
}

/** Settings as people have them, in the folders where the clients look. */
async function settle(person: Person, { claude = ".claude", codex = ".codex" } = {}): Promise<void> {
  await person.write(`${claude}/settings.json`, SETTINGS);
  await person.write(`${codex}/config.toml`, '# mine\nmodel = "x"');
  await person.write(".bashrc", "alias ll='ls -l'\n");
}

const HOMES: [string, () => Promise<Person>][] = [
  [
    "a HOME",
    async () => {
      const person = await Person.create();
      await settle(person);
      return person;
    },
  ],
  [
    "a HOME with blanks and quotes",
    async () => {
      const person = await Person.create({ name: `Ann O'Neil "x" $HOME` });
      await settle(person);
      return person;
    },
  ],
  [
    "a HOME with its clients elsewhere",
    async () => {
      const env = { CLAUDE_CONFIG_DIR: "~/my claude", CODEX_HOME: "~/my codex", SHELL: "/usr/bin/zsh" };
      const person = await Person.create({ env });
      await settle(person, { claude: "my claude", codex: "my codex" });
      return person;
    },
  ],
  [
    "a HOME with this client elsewhere",
    async () => {
      const person = await Person.create({ env: { MEMORY_SYNC_HOME: "~/own sync", SHELL: "/usr/bin/fish" } });
      await settle(person);
      return person;
    },
  ],
  [
    "a HOME with linked settings",
    async () => {
      const person = await Person.create();
      await settle(person, { claude: "dotfiles/claude", codex: "dotfiles/codex" });
      await symlink("dotfiles/claude", person.path(".claude"));
      await mkdir(person.path(".codex"));
      await symlink("../dotfiles/codex/config.toml", person.path(".codex/config.toml"));
      return person;
    },
  ],
  ["a HOME without clients", () => Person.create()],
];

describe("memory-sync uninstall", () => {
  it.each(HOMES)("gives %s back as it was, after two installs", async (_name, make) => {
    await using server = await startServer();
    await using person = await make();
    const before = await person.files();

    const first = await install(person, server, "--no-schedule");
    const installed = await person.allFiles();
    const second = await install(person, server, "--no-schedule");
    const again = await person.allFiles();
    const removed = await person.run(["uninstall"]);

    expect([first.code, second.code, removed.code]).toEqual([0, 0, 0]);
    expect(installed.length).toBeGreaterThan(before.length);
    expect(again).toEqual(installed);
    expect(await person.files()).toEqual(before);
  });

  it("takes out just its own where a person changed the files since", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await settle(person);
    await install(person, server, "--no-schedule", "--allow-tools");
    const settings = await person.read(".claude/settings.json");
    await person.write(".claude/settings.json", settings.replace("// mine", '"model": "opus", // mine'));
    await person.write(".codex/config.toml", `${await person.read(".codex/config.toml")}# later\n`);

    const { code } = await person.run(["uninstall"]);

    expect(code).toBe(0);
    expect(await person.read(".claude/settings.json")).toBe(
      SETTINGS.replace("// mine", '"model": "opus", // mine'),
    );
    expect(await person.read(".codex/config.toml")).toBe('# mine\nmodel = "x"\n# later\n');
  });

  it("finds what is its own without a record, and under another name", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await settle(person);
    await install(person, server, "--no-schedule", "--name", "our-memory");
    await person.write(".memory-sync/setup.json", "{}");

    const { code, stderr } = await person.run(["uninstall"]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("put aside") });
    expect((await person.files()).filter((line) => decoded(line).includes("memory-sync"))).toEqual([]);
    expect(await person.read(".claude/settings.json")).toContain('"command": "say done"');
  });

  it("removes its own folder only when asked, and not while sessions wait there", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await install(person, server, "--no-schedule");
    const job = { kind: "session", path: person.path("x.jsonl"), reason: "SessionEnd", tries: 0 };
    const created_at = new Date().toISOString();
    await person.write(".memory-sync/queue/new/a.json", JSON.stringify({ ...job, created_at }));

    const refused = await person.run(["uninstall", "--purge"]);
    const before = await readdir(person.home);
    const forced = await person.run(["uninstall", "--purge", "--force"]);

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("1 job waits") });
    expect(before).toContain(".memory-sync");
    expect(forced.code).toBe(0);
    expect(await readdir(person.home)).toEqual([]);
  });

  it("says of a file that it cannot understand where it is broken, and what to do", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".claude/settings.json", "{}\n");
    await install(person, server, "--no-schedule");
    const installed = await person.read(".claude/settings.json");
    await person.write(".claude/settings.json", `${installed}{ "x": [1,, }`);

    const dry = await person.run(["uninstall", "--dry-run"]);
    const { code, stdout } = await person.run(["uninstall"]);
    await person.write(".claude/settings.json", installed);
    const again = await person.run(["uninstall"]);

    const reason = /it is not JSON: line \d+.*; mend the file and run uninstall again, or take out by hand/;
    expect(dry.stdout).toMatch(reason);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAILED {3}Claude Code: the hooks: ~\/\.claude\/settings\.json$/m);
    expect(stdout).toMatch(reason);
    expect(again.code).toBe(0);
    expect(await person.read(".claude/settings.json")).toBe("{}\n");
  });

  it("says that there is nothing more, and what it removed with its folder", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await person.write(".claude/settings.json", "{}\n");
    await install(person, server, "--no-schedule");

    await person.run(["uninstall"]);
    const second = await person.run(["uninstall"]);
    const shown = await person.run(["uninstall", "--purge", "--dry-run"]);
    const there = await readdir(person.home);
    const purged = await person.run(["uninstall", "--purge"]);
    const third = await person.run(["uninstall"]);

    const home = person.path(".memory-sync");
    const nothing = "There is nothing of memory-sync to take out.\n";
    expect(second.stdout).toBe(`${nothing}Left: ${home} (--purge removes it)\n`);
    expect(shown.stdout).toContain(`remove ${home}`);
    expect(there).toContain(".memory-sync");
    expect(purged.stdout).toBe("done     the client's folder: ~/.memory-sync\n");
    expect(third).toEqual({ code: 0, stdout: nothing, stderr: "" });
    expect(await readdir(person.home)).toEqual([".claude"]);
  });

  it("shows what it would change", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    await settle(person);
    await install(person, server, "--no-schedule");
    const before = await person.allFiles();

    const { code, stdout } = await person.run(["uninstall", "--dry-run"]);

    expect(code).toBe(0);
    expect(stdout).toContain("-[mcp_servers.memory]");
    expect(await person.allFiles()).toEqual(before);
  });
});

describe("the schedule", () => {
  it("is a timer of systemd where there is one, and goes again", async () => {
    await using server = await startServer();
    await using person = await Person.create({ env: { HAS_SYSTEMD: "1", HAS_CRON: "1" } });
    const first = await install(person, server, "--every", "30");
    const timer = await person.read(".config/systemd/user/memory-sync.timer");
    const again = await install(person, server, "--every", "30");

    const removed = await person.run(["uninstall"]);

    expect(first.stdout).toMatch(/^done {5}a sync every 30 minutes, by systemd$/m);
    expect(again.stdout).toMatch(/^already {2}a sync every 30 minutes, by systemd$/m);
    expect(timer).toContain("*:0/30");
    expect(removed.stdout).toMatch(/^done {5}the schedule of systemd$/m);
    expect(await person.noted("systemctl.log")).toContain("--user disable --now memory-sync.timer");
    expect(await person.noted("crontab")).toBe("");
    expect((await person.files()).filter((line) => line.includes("memory-sync"))).toEqual([]);
  });

  it("is a line of the crontab where there is none, and moves to systemd once there is", async () => {
    await using server = await startServer();
    await using person = await Person.create({ env: { HAS_CRON: "1" } });

    await install(person, server);
    const line = await person.noted("crontab");
    const moved = await person.run(["install"], { env: { HAS_SYSTEMD: "1" } });

    expect(line).toBe(
      `*/15 * * * * '${person.path(".memory-sync/bin/memory-sync")}' sync --quiet --scheduled # memory-sync\n`,
    );
    expect(moved.stdout).toMatch(/by systemd$/m);
    expect(await person.noted("crontab")).toBe("");
  });
});

describe("an install that is killed", () => {
  /** Files whose appearance tells how far it came. */
  const LANDMARKS = [
    ".memory-sync/bin/memory-sync",
    ".memory-sync/credentials.json",
    ".memory-sync/setup.json",
    ".claude.json",
    ".memory-sync/env",
    ".codex/hooks.json",
  ];

  it.each(LANDMARKS)(
    "after %s is made whole by the next one, and taken out to the last byte",
    async (landmark) => {
      await using server = await startServer();
      await using person = await Person.create();
      await settle(person);
      const before = await person.files();
      const stdin = JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync });
      const args = ["install", "--url", server.url, "--no-schedule", "--tokens-stdin"];

      await killedAt(person, landmark, { args, stdin });
      const whole = await install(person, server, "--no-schedule");
      const settings = await person.read(".claude/settings.json");
      const removed = await person.run(["uninstall"]);

      expect(whole.code).toBe(0);
      expect(settings.match(/claude-hook/g)).toHaveLength(3);
      expect(removed.code).toBe(0);
      expect(await person.files()).toEqual(before);
    },
  );
});

describe("a join that is killed", () => {
  it("keeps the tokens that its code was exchanged for: the next install needs none", async () => {
    await using server = await startServer();
    await using person = await Person.create();
    const stdin = JSON.stringify({ join: await joinCode(server, "laptop") });
    const args = ["install", "--url", server.url, "--no-schedule", "--tokens-stdin"];

    await killedAt(person, ".memory-sync/credentials.json", { args, stdin });
    const again = await person.run(args, { stdin });
    const without = await person.run(args, { stdin: "{}" });

    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining("install without a code") });
    expect(without.code).toBe(0);
    expect(without.stdout).toContain('AI       "laptop (join)"');
  });
});

/** Starts the client and ends it, without a chance to tidy up, as soon as a file is there. */
async function killedAt(
  person: Person,
  landmark: string,
  { args, stdin }: { args: readonly string[]; stdin: string },
): Promise<void> {
  const child = person.start(args);
  child.stdin.end(stdin);
  const ended = once(child, "close");
  await vi.waitFor(async () => expect(await isThere(person.path(landmark))).toBe(true), {
    interval: 1,
    timeout: 20_000,
  });
  child.kill("SIGKILL");
  await ended;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** A line of `files()` with its bytes as text. */
function decoded(line: string): string {
  return Buffer.from(line.split(" ").at(-1) ?? "", "base64").toString();
}
