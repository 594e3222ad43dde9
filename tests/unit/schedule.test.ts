import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentOf } from "../../client/home/home.ts";
import { batchLauncher, keptVariables, shellLauncher } from "../../client/launcher/launcher.ts";
import { crontabLine, withOurs, withoutOurs } from "../../client/schedule/cron.ts";
import { propertyList } from "../../client/schedule/launchd.ts";
import { MINUTES, type ScheduleFacts } from "../../client/schedule/schedule.ts";
import { schtasks, taskBytes, taskXml } from "../../client/schedule/schtasks.ts";
import { serviceUnit, timerUnit } from "../../client/schedule/systemd.ts";
import { runProgram } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const HOME = "/home/Ann O'Neil/50% & more/$HOME";
const environment = {
  ...environmentOf({ MEMORY_SYNC_HOME: join(HOME, ".memory-sync") }),
  userHome: HOME,
};
const FACTS = {
  environment,
  launcher: join(environment.home.bin, "memory-sync"),
  node: "/usr/bin/node",
  bundle: join(environment.home.bin, "memory-sync.mjs"),
  minutes: 15,
} as const;
const WINDOWS = {
  ...FACTS,
  node: "C:\\Program Files\\nodejs\\node.exe",
  bundle: "C:\\Users\\Ann O'Neil & Söhne\\.memory-sync\\bin\\memory-sync.mjs",
};
const LAUNCHER = {
  node: FACTS.node,
  bundle: FACTS.bundle,
  hookLog: join(environment.home.log, "hook.log"),
  variables: { CODEX_HOME: "/srv/it's codex" },
};
const golden = (name: string): string => join(import.meta.dirname, "../golden/schedule", name);

describe("what is written", () => {
  it.each([
    ["memory-sync.service", serviceUnit(FACTS)],
    ["memory-sync.timer", timerUnit(15)],
    ["hourly.timer", timerUnit(60)],
    ["agent.plist", propertyList(FACTS)],
    ["crontab.txt", `${crontabLine(FACTS)}\n${crontabLine({ ...FACTS, minutes: 60 })}\n`],
    ["task.xml", taskXml(WINDOWS)],
    ["launcher.sh", shellLauncher(LAUNCHER)],
    [
      "launcher.cmd",
      batchLauncher({ ...LAUNCHER, ...WINDOWS, variables: { CODEX_HOME: "D:\\100% codex" } }).replaceAll(
        "\r",
        "",
      ),
    ],
  ])("is as it was: %s", async (name, text) => {
    await expect(text).toMatchFileSnapshot(golden(name));
  });

  it("is UTF-16 with a mark and Windows' line ends for schtasks", () => {
    const bytes = taskBytes(taskXml(WINDOWS));

    expect([...bytes.subarray(0, 4)]).toEqual([0xff, 0xfe, 0x3c, 0]);
    expect(Buffer.from(bytes).toString("utf16le")).not.toMatch(/[^\r]\n/);
  });

  it("ends the lines of a batch file as Windows wants them", () => {
    expect(batchLauncher(LAUNCHER)).not.toMatch(/[^\r]\n/);
  });
});

/** Tells of a task in words of its own, as Windows does, with whatever was changed by hand behind them. */
const SCHTASKS = `#!/bin/sh
cd "$FAKE" || exit 1
case "$1" in
  /Query) [ -f task ] || exit 1; echo "<told/>"; cat task; cat by-hand 2>/dev/null; true ;;
  /Create) cp "$5" task; echo made >>made ;;
  /Delete) rm -f task ;;
esac
`;

describe("a task of Windows", () => {
  it("is made once, and again when something else is wanted, or was changed by hand, or it is gone", async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, "schtasks"), SCHTASKS, { mode: 0o755 });
    const env = { PATH: `${folder.path}:/usr/bin:/bin`, FAKE: folder.path };
    const facts = {
      ...WINDOWS,
      environment: environmentOf({ ...env, MEMORY_SYNC_HOME: join(folder.path, "home") }),
    };
    const install = async (changes: Partial<ScheduleFacts> = {}): Promise<boolean[]> => {
      const wanted = { ...facts, ...changes };
      return [await schtasks.isDone(wanted), await schtasks.install(wanted), await schtasks.isDone(wanted)];
    };

    const first = await install();
    const second = await install();
    const other = await install({ minutes: 30 });
    await writeFile(join(folder.path, "by-hand"), "<Enabled>false</Enabled>");
    const changed = await install({ minutes: 30 });
    await schtasks.remove(facts.environment);
    const gone = await install({ minutes: 30 });

    expect(first).toEqual([false, true, true]);
    expect(second).toEqual([true, false, true]);
    for (const anew of [other, changed, gone]) expect(anew).toEqual([false, true, true]);
  });
});

const analyze = tool("systemd-analyze", "systemd");
describe.skipIf(analyze === undefined)("systemd", () => {
  it.each(MINUTES)("takes the units for a run every %i minutes, with any path", async (minutes) => {
    await using folder = await tempFolder();
    // A path that exists, for a program that is missing is refused.
    const bin = join(folder.path, `Ann O'Neil "50%" $HOME`);
    await mkdir(bin);
    await writeFile(join(bin, "memory-sync"), "#!/bin/sh\n", { mode: 0o755 });
    const units = {
      "memory-sync.service": serviceUnit({ launcher: join(bin, "memory-sync") }),
      "memory-sync.timer": timerUnit(minutes),
    };
    for (const [name, text] of Object.entries(units)) await writeFile(join(folder.path, name), text);

    const said = execFileSync(
      analyze ?? "",
      ["verify", "--user", "--man=no", ...Object.keys(units).map((name) => join(folder.path, name))],
      { env: { ...process.env, XDG_RUNTIME_DIR: folder.path }, encoding: "utf8", stdio: "pipe" },
    );

    expect(said).toBe("");
  });
});

const python = tool("python3", "python3");
describe.skipIf(python === undefined)("XML", () => {
  it.each([
    ["agent.plist", Buffer.from(propertyList(FACTS))],
    ["task.xml", taskBytes(taskXml(WINDOWS))],
  ])("of %s is well formed", async (name, bytes) => {
    await using folder = await tempFolder();
    const file = join(folder.path, name);
    await writeFile(file, bytes);

    const script = "import sys, xml.dom.minidom as x; x.parse(sys.argv[1]); print('well formed')";

    expect(execFileSync(python ?? "", ["-c", script, file], { encoding: "utf8" })).toBe("well formed\n");
  });
});

describe("a crontab", () => {
  const line = crontabLine(FACTS);
  const foreign = fc
    .array(fc.constantFrom("", "# m h dom mon dow command", "0 3 * * * backup # nightly", "MAILTO=ann", "  "))
    .map((lines) => lines.map((said) => `${said}\n`).join(""));

  it("keeps every foreign line, has ours once, and is as before without it", () => {
    fc.assert(
      fc.property(foreign, (before) => {
        const after = withOurs(before, line);

        expect(after).toBe(`${before}${line}\n`);
        expect(withOurs(after, line)).toBe(after);
        expect(withoutOurs(after)).toBe(before);
      }),
    );
  });

  it("gets a new line of ours where the old one stands", () => {
    const before = `0 1 * * * a\n${crontabLine({ ...FACTS, minutes: 60 })}\n0 2 * * * b\n`;

    expect(withOurs(before, line)).toBe(`0 1 * * * a\n${line}\n0 2 * * * b\n`);
  });

  it("ends its last line before ours", () => {
    expect(withOurs("0 1 * * * a", line)).toBe(`0 1 * * * a\n${line}\n`);
  });

  it("keeps a line of ours that somebody made a comment", () => {
    expect(withoutOurs(`#${line}\n`)).toBe(`#${line}\n`);
  });
});

describe("the launcher", () => {
  it("keeps what a hook would not have, and no token", () => {
    const env = {
      CLAUDE_CONFIG_DIR: "/srv/claude",
      CODEX_HOME: "",
      SYNC_TOKEN: "secret",
      MCP_MEMORY_URL: "http://127.0.0.1:8000",
      PATH: "/usr/bin",
    };

    expect(keptVariables(env)).toEqual({ CLAUDE_CONFIG_DIR: "/srv/claude" });
  });

  it("starts the client with its arguments and settings, from a path with spaces", async () => {
    await using folder = await tempFolder();
    const place = join(folder.path, "it's a folder $x");
    await mkdir(place);
    const bundle = join(place, "client.mjs");
    const script = "console.log(JSON.stringify([process.argv.slice(2), process.env.CODEX_HOME]))";
    await writeFile(bundle, script);
    const launcher = join(place, "memory-sync");
    const text = shellLauncher({ ...LAUNCHER, node: process.execPath, bundle });
    await writeFile(launcher, text, { mode: 0o755 });

    const own = execFileSync(launcher, ["sync", "two words", "$HOME"], { env: {}, encoding: "utf8" });
    const set = execFileSync(launcher, [], { env: { CODEX_HOME: "/set" }, encoding: "utf8" });

    expect(JSON.parse(own)).toEqual([["sync", "two words", "$HOME"], "/srv/it's codex"]);
    expect(JSON.parse(set)).toEqual([[], "/set"]);
  });

  it("ends well for a hook when there is no Node any more, and leaves a line in its log", async () => {
    await using folder = await tempFolder();
    const launcher = join(folder.path, "memory-sync");
    const hookLog = join(folder.path, "hook.log");
    const text = shellLauncher({ ...LAUNCHER, node: "/nowhere/node", hookLog });
    await writeFile(launcher, text, { mode: 0o755 });
    await mkdir(join(folder.path, "bin"));
    const env = { PATH: join(folder.path, "bin") };

    const run = (argument: string): number => {
      try {
        execFileSync(launcher, [argument], { env, stdio: "pipe" });
        return 0;
      } catch (error) {
        return Number(Object(error).status);
      }
    };

    expect([run("claude-hook"), run("sync")]).toEqual([0, 1]);
    const shown = await runProgram(
      ["-p", `require("fs").readFileSync(${JSON.stringify(hookLog)}, "utf8")`],
      {},
    );
    expect(shown.stdout).toContain("install Node 20 or later");
  });
});
