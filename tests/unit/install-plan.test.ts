import { describe, expect, it } from "vitest";
import { environmentOf } from "../../client/home/home.ts";
import { claudeServer } from "../../client/setup/claude.ts";
import { codexServerIn } from "../../client/setup/codex.ts";
import { configText, movesIn } from "../../client/setup/config-text.ts";
import { claudeHookWants, codexHookWants } from "../../client/setup/hook-wants.ts";
import { nextSteps } from "../../client/setup/next-steps.ts";
import { planInstall, type InstallFacts } from "../../client/setup/plan-install.ts";
import type { Programs } from "../../client/setup/programs.ts";
import { startFiles } from "../../client/setup/shell-files.ts";
import type { StepResult } from "../../client/setup/step.ts";
import { cron } from "../../client/schedule/cron.ts";

const environment = { ...environmentOf({ SHELL: "/bin/bash" }), userHome: "/home/me" };
const PROGRAMS: Programs = {
  launcher: "/home/me/.memory-sync/bin/memory-sync",
  bundle: "/home/me/.memory-sync/bin/memory-sync.mjs",
  node: "/usr/bin/node",
  windows: false,
};
const WINDOWS: Programs = {
  launcher: "C:\\Users\\Ann O'Neil\\.memory-sync\\bin\\memory-sync.cmd",
  bundle: "C:\\Users\\Ann O'Neil\\.memory-sync\\bin\\memory-sync.mjs",
  node: "C:\\Program Files\\nodejs\\node.exe",
  windows: true,
};
const FACTS: InstallFacts = {
  environment,
  programs: PROGRAMS,
  bundle: Buffer.from("program"),
  url: "https://memory.example",
  configText: "{}\n",
  tokens: { ai: "ai-token", sync: "sync-token" },
  clients: ["claude", "codex"],
  name: "memory",
  clientsHere: ["claude", "codex"],
  wants: { mcp: true, hooks: true, shell: true, schedule: true, allowTools: false, literalHeader: false },
  present: [],
  ownSettings: { hooks: false, tools: false },
  startFiles: ["/home/me/.profile"],
  schedule: "it was not wanted",
  minutes: 15,
};

/** What is said at the end of an install. */
const nextAfter = (
  changes: Partial<InstallFacts>,
  { files = 0, redact = false, steps = [] }: { files?: number; redact?: boolean; steps?: StepResult[] } = {},
): string =>
  nextSteps({ ...FACTS, ...changes }, { steps, unsent: { files, bytes: files * 1_500_000, redact } }).join(
    "\n",
  );

const ids = (changes: Partial<InstallFacts>): string[] =>
  planInstall({ ...FACTS, ...changes }).flatMap(({ id, kind }) => (kind === "left_out" ? [] : [id]));

describe("what is installed", () => {
  const own = ["program", "launcher", "config", "tokens"];
  const claude = ["claude-server", "claude-hooks"];
  const codex = ["codex-server", "env", "shell", "codex-hook"];

  it.each<[string, Partial<InstallFacts>, string[]]>([
    ["all that is wanted, what starts the client last", {}, [...own, ...claude, ...codex]],
    ["what there is of clients", { clients: [] }, own],
    [
      "the permission for the tools by itself",
      { clients: ["claude"], wants: { ...FACTS.wants, allowTools: true } },
      [...own, ...claude, "claude-tools"],
    ],
    ["for one client", { clients: ["claude"] }, [...own, ...claude]],
    [
      "no hooks without a sync token",
      { tokens: { ai: "a", sync: undefined } },
      [...own, "claude-server", ...codex.slice(0, 3)],
    ],
    [
      "no server without an AI token",
      { tokens: { ai: undefined, sync: "s" } },
      [...own, "claude-hooks", "codex-hook"],
    ],
    [
      "no token for a shell that is left alone",
      { wants: { ...FACTS.wants, shell: false } },
      [...own, ...claude, "codex-server", "env", "codex-hook"],
    ],
    [
      "nothing into a shell on Windows",
      { programs: WINDOWS },
      [...own, ...claude, "codex-server", "codex-hook"],
    ],
  ])("%s", (_name, changes, expected) => {
    expect(ids(changes)).toEqual(expected);
  });

  it("tells why something is left out", () => {
    const steps = planInstall({ ...FACTS, tokens: { ai: "a", sync: undefined } });

    expect(steps.filter(({ kind }) => kind === "left_out")).toMatchObject([
      { id: "claude-hooks", why: expect.stringContaining("no sync token") },
      { id: "codex-hook", why: expect.stringContaining("no sync token") },
      { id: "schedule", why: "it was not wanted" },
    ]);
  });
});

describe("what is said at the end", () => {
  const without = (...names: ("hooks" | "schedule")[]) => ({
    wants: { ...FACTS.wants, ...Object.fromEntries(names.map((name) => [name, false])) },
  });
  const scheduled = { schedule: cron, minutes: 30 } as const;
  const LOOK = "memory-sync' sync --dry-run";
  const REDACT = "memory-sync' install --redact";
  const STOP = "memory-sync' install --no-schedule --no-hooks";

  it.each<[string, string, string[], string[]]>([
    ["nothing of sending where nothing is here", nextAfter(scheduled), [], ["transcript", LOOK, REDACT]],
    [
      "how much goes where and when, that secrets go along, and three ways out",
      nextAfter(scheduled, { files: 37 }),
      [
        "The 37 transcripts (55.5 MB) that are here already go to https://memory.example with the next sync, within 30 minutes, with whatever secrets are in them.",
        LOOK,
        REDACT,
        STOP,
      ],
      [],
    ],
    [
      "that secrets do not",
      nextAfter(scheduled, { files: 1, redact: true }),
      ["The 1 transcript (1.5 MB) that is here already goes to ", "with secrets taken out", LOOK, STOP],
      [REDACT],
    ],
    [
      "that hooks send them too",
      nextAfter(without("schedule"), { files: 2 }),
      ["go to https://memory.example when the next session of Claude Code starts", STOP],
      [],
    ],
    [
      "that nothing does",
      nextAfter(without("schedule", "hooks"), { files: 2 }),
      ["Nothing sends the 2 transcripts", "rescue"],
      [LOOK, REDACT, STOP],
    ],
    [
      "nothing of sending without a token for it",
      nextAfter({ ...scheduled, tokens: { ai: "a", sync: undefined } }, { files: 2 }),
      [],
      ["transcript"],
    ],
    [
      "when to install again where there is no client",
      nextAfter({ clients: [], clientsHere: [] }),
      ["Neither Claude Code nor Codex is on this machine", "memory-sync' install"],
      ["Restart"],
    ],
    [
      "what keeps the hooks from running",
      nextAfter({}, { steps: [{ id: "x", what: "x", state: "done", path: "/s.json", unread: true }] }),
      ["Take the comments and last commas out of /s.json"],
      [],
    ],
  ])("is %s", (_name, said, contained, absent) => {
    for (const words of contained) expect(said).toContain(words);
    for (const words of absent) expect(said).not.toContain(words);
  });
});

describe("what Windows is told", () => {
  it("starts Node itself from Claude Code's hooks: no shell has to understand the path", () => {
    expect(claudeHookWants(WINDOWS).map(({ value }) => value)).toEqual(
      [{ timeout: 30 }, { timeout: 10, async: true }, { timeout: 10 }].map((more) => ({
        hooks: [{ type: "command", command: WINDOWS.node, args: [WINDOWS.bundle, "claude-hook"], ...more }],
      })),
    );
  });

  it("quotes the launcher where a command is one text", () => {
    const quoted = `"${WINDOWS.launcher}"`;

    expect(codexHookWants(WINDOWS)[0]?.value).toMatchObject({
      hooks: [{ command: `${quoted} claude-hook` }],
    });
    expect(claudeServer(WINDOWS, "https://memory.example/mcp")["headersHelper"]).toBe(
      `${quoted} mcp-headers`,
    );
    expect(nextAfter({ programs: WINDOWS })).toContain("setx MCP_MEMORY_TOKEN");
  });
});

describe("our hook", () => {
  const [want] = claudeHookWants(PROGRAMS);
  const other = "'/old place/bin/memory-sync' claude-hook";

  it.each([
    ["as it is written now", want?.value, { isOurs: true, isStale: false }],
    ["of another place", { type: "command", command: other }, { isOurs: true, isStale: true }],
    [
      "by hand",
      { type: "command", command: "~/.memory-sync/bin/memory-sync claude-hook" },
      { isOurs: true, isStale: true },
    ],
    [
      "of Windows",
      { type: "command", command: "node.exe", args: [WINDOWS.bundle, "claude-hook"] },
      { isOurs: true, isStale: true },
    ],
    [
      "of others",
      { type: "command", command: "my-memory-sync claude-hook --now" },
      { isOurs: false, isStale: true },
    ],
    [
      "of others with arguments",
      { type: "command", command: other, args: ["x"] },
      { isOurs: false, isStale: true },
    ],
  ])("is told from others: %s", (_name, value, expected) => {
    const handler = handlerIn(value);

    expect({ isOurs: want?.isOurs(handler), isStale: want?.isStale?.(handler) }).toEqual(expected);
  });
});

describe("the shell's start files", () => {
  const at = (env: Record<string, string>, ...there: string[]): string[] =>
    startFiles({ ...environment, env }, (path) => there.some((name) => path === `/home/me/${name}`)).map(
      (path) => path.replace("/home/me/", "~/"),
    );

  it.each<[string, string[], string[]]>([
    ["of bash without any", at({ SHELL: "/bin/bash" }), ["~/.profile"]],
    ["of bash", at({ SHELL: "/bin/bash" }, ".bashrc", ".profile"), ["~/.profile", "~/.bashrc"]],
    [
      "of bash that reads its own",
      at({ SHELL: "/bin/bash" }, ".bash_profile", ".profile"),
      ["~/.bash_profile"],
    ],
    [
      "of sh, which reads none of bash's",
      at({ SHELL: "/bin/dash" }, ".bash_profile", ".bashrc"),
      ["~/.profile"],
    ],
    ["of zsh", at({ SHELL: "/bin/zsh" }), ["~/.zshenv"]],
    ["of zsh elsewhere", at({ SHELL: "/bin/zsh", ZDOTDIR: "/etc/me" }), ["/etc/me/.zshenv"]],
    ["of fish", at({ SHELL: "/usr/bin/fish" }), ["~/.config/fish/conf.d/memory-sync.fish"]],
    ["of nobody knows what", at({}), ["~/.profile"]],
  ])("%s", (_name, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe("config.json", () => {
  const wanted = { url: "https://memory.example", machine: "laptop" };

  it("stays as it is where it says so already", () => {
    const text = '{"machine":"laptop", "redact":true, "url":"https://memory.example"}';

    expect(configText(text, wanted)).toBe(text);
    expect(JSON.parse(configText(text, { ...wanted, machine: "other" }))).toEqual({
      machine: "other",
      redact: true,
      url: "https://memory.example",
    });
  });

  it("tells a move from another spelling", () => {
    const moves = (url: string, machine: string) => movesIn(JSON.stringify({ url, machine }), wanted);

    expect(movesIn(undefined, wanted)).toEqual([]);
    expect(moves("https://memory.example/mcp/", "laptop")).toEqual([]);
    expect(moves("https://old.example/mcp", "desktop")).toHaveLength(2);
  });
});

describe("our server in Codex's settings", () => {
  it.each([
    ["# >>> memory-sync >>>\r\n[mcp_servers.our-name]\r\nurl = 1", "our-name"],
    ["[mcp_servers.memory]\n# >>> memory-sync >>>\n# <<< memory-sync <<<", undefined],
    ["", undefined],
  ])("is found by its marks: %j", (text, name) => {
    expect(codexServerIn(text)).toBe(name);
  });
});

/** The handler in a group that an install writes. */
function handlerIn(value: unknown) {
  const json = JSON.parse(JSON.stringify(value ?? null));
  return json?.hooks?.[0] ?? json;
}
