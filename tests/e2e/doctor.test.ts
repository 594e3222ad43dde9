import { chmod, cp, mkdir, rename, rm, rmdir, utimes, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { keyOf } from "../../client/outbox/enqueue.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { behindTls, OPENSSL } from "../support/behind-tls.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { AI_TOKEN, startServer, SYNC_TOKEN, type TestServer } from "../support/server.ts";

const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const TRANSCRIPT = `.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`;
const DAY_S = 24 * 60 * 60;
const OURS = ".memory-sync";

const Finding = z.object({
  id: z.string(),
  state: z.enum(["ok", "warn", "fail"]),
  message: z.string(),
  command: z.string().optional(),
  advice: z.string().optional(),
});
type Finding = z.infer<typeof Finding>;
const Answer = z.object({ ok: z.boolean(), findings: z.array(Finding) });

interface Scene extends AsyncDisposable {
  server: TestServer;
  proxy: CountingProxy;
  person: Person;
}

/** A machine that was set up for both clients, with a schedule that has just run; nothing is wrong with it. */
async function setUp(url: string): Promise<Person> {
  const person = await Person.create({ env: { HAS_CRON: "1" } });
  await person.write(".claude/settings.json", '{\n  "model": "opus"\n}\n');
  await mkdir(person.path(".codex"));
  const stdin = JSON.stringify({ ai_token: AI_TOKEN, sync_token: SYNC_TOKEN });
  const installed = await person.run(["install", "--url", url, "--machine", "laptop", "--tokens-stdin"], {
    stdin,
  });
  expect(installed).toMatchObject({ code: 0, stderr: "" });
  await trust(person);
  await person.run(["sync", "--scheduled"]);
  return person;
}

/** One that was set up once; the others are copies, under other names and addresses. */
let template: { person: Person; url: string };

beforeAll(async () => {
  await buildBundle();
  await using server = await startServer();
  template = { person: await setUp(server.url), url: server.url };
});
afterAll(() => template.person[Symbol.asyncDispose]());

/** Such a machine. `isDirect`: it knows the server by its own address, not by that of the proxy. */
async function healthy({ isDirect = false }: { isDirect?: boolean | undefined } = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer());
  const proxy = stack.use(await CountingProxy.start(server.url));
  const person = stack.use(await Person.create({ env: { HAS_CRON: "1" } }));
  const url = isDirect ? server.url : proxy.url;
  await cp(template.person.home, person.home, { recursive: true, preserveTimestamps: true });
  await writeFile(person.path("../crontab"), await template.person.noted("crontab"));
  for (const name of await template.person.filesWith(template.person.home)) await rename(name);
  for (const name of await template.person.filesWith(template.url)) await rename(name);
  return { server, proxy, person, [Symbol.asyncDispose]: () => stack.disposeAsync() };

  async function rename(name: string): Promise<void> {
    await change(person, name, (text) =>
      text.replaceAll(template.person.home, person.home).replaceAll(template.url, url),
    );
  }
}

/** As Codex writes it down once a person has looked at the hook. */
async function trust(person: Person): Promise<void> {
  const key = JSON.stringify(`${person.path(".codex/hooks.json")}:stop:0:0`);
  const config = await person.read(".codex/config.toml");
  await person.write(".codex/config.toml", `${config}\n[hooks.state.${key}]\ntrusted_hash = "sha256:00"\n`);
}

async function age(person: Person, path: string, days: number): Promise<void> {
  const time = Date.now() / 1000 - days * DAY_S;
  await utimes(person.path(path), time, time);
}

/** A session that was begun and written so many days ago. */
async function session(person: Person, days: number): Promise<string> {
  const timestamp = new Date(Date.now() - days * DAY_S * 1000).toISOString();
  const message = { role: "user", content: "why does the quokka export fail" };
  const line = { type: "user", sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp, message };
  const path = await person.write(TRANSCRIPT, `${JSON.stringify(line)}\n`);
  await age(person, TRANSCRIPT, days);
  return path;
}

/** A job of the outbox that was made two days ago. */
async function job(person: Person, path: string, more: Record<string, unknown> = {}): Promise<void> {
  const created_at = new Date(Date.now() - 2 * DAY_S * 1000).toISOString();
  const text = JSON.stringify({
    kind: "session",
    path,
    created_at,
    tries: 3,
    last_error: "it was down",
    ...more,
  });
  await person.write(`${OURS}/queue/new/${keyOf({ kind: "session", path })}.json`, text);
}

async function change(person: Person, path: string, next: (held: string) => string): Promise<void> {
  await writeFile(person.path(path), next(await person.read(path)));
}

async function doctor(
  person: Person,
  ...args: string[]
): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await person.run(["doctor", "--json", ...args]);
  expect(stderr).toBe("");
  return { code, findings: Answer.parse(JSON.parse(stdout)).findings };
}

const wrong = (findings: readonly Finding[]) => findings.filter(({ state }) => state !== "ok");

/** What a person sees, without what differs from machine to machine. */
function seen(screen: string, { person, proxy }: Scene): string {
  return screen
    .replaceAll(proxy.url, "http://127.0.0.1:8000")
    .replaceAll(person.home, "/home/me")
    .replace(/Node \d+\.\d+\.\d+/, "Node 24.0.0")
    .replace(/[\d.]+ [kMGT]B free/, "20 GB free")
    .replace(/\d+ s ago/g, "3 s ago");
}

/** Gives the machine another sync token. */
async function useToken(person: Person, server: TestServer, expires: Date): Promise<void> {
  const local = await readLocalAdmin(server.root);
  const body = JSON.stringify({
    name: "short",
    role: "sync",
    workspaces: ["*"],
    expires: expires.toISOString(),
  });
  const headers = { "Content-Type": "application/json" };
  const answer = await server.api("admin/tokens", {
    method: "POST",
    body,
    headers,
    token: local?.token ?? "",
  });
  const { secret } = z.object({ secret: z.string() }).parse(await answer.json());
  await change(person, `${OURS}/credentials.json`, (text) =>
    text.replace(/("sync_token": )"[^"]*"/, `$1"${secret}"`),
  );
}

interface Case {
  name: string;
  id: string;
  state: "warn" | "fail";
  says: RegExp;
  /** What mends it brings the server's own address. */
  isDirect?: boolean;
  provoke: (scene: Scene) => Promise<unknown>;
  /** What a person does where no command helps. */
  byHand?: (scene: Scene) => Promise<unknown>;
  /** Others that come with it. */
  besides?: string[];
}

const CASES: Case[] = [
  {
    name: "a client that is older than the server's",
    id: "server.version",
    state: "warn",
    says: /another client/,
    isDirect: true,
    provoke: ({ person }) => change(person, `${OURS}/bin/memory-sync.mjs`, (text) => `${text}// older\n`),
  },
  {
    name: "no AI token",
    id: "token.ai",
    state: "warn",
    says: /no AI token/,
    provoke: ({ person }) =>
      change(person, `${OURS}/credentials.json`, (text) => text.replace('"ai_token"', '"was"')),
    byHand: ({ person }) =>
      change(person, `${OURS}/credentials.json`, (text) => text.replace('"was"', '"ai_token"')),
  },
  {
    name: "a token that the server does not know",
    id: "token.ai",
    state: "fail",
    says: /token/,
    provoke: ({ person, server }) =>
      change(person, `${OURS}/credentials.json`, (text) =>
        text.replace(server.tokens.ai, "revoked-token-0123456789"),
      ),
    byHand: ({ person, server }) =>
      change(person, `${OURS}/credentials.json`, (text) =>
        text.replace("revoked-token-0123456789", server.tokens.ai),
      ),
    besides: ["setup.codex-mcp"],
  },
  {
    name: "a token of another role",
    id: "token.sync",
    state: "fail",
    says: /role ai, not sync/,
    provoke: ({ person, server }) =>
      change(person, `${OURS}/credentials.json`, (text) =>
        text.replace(server.tokens.sync, server.tokens.ai),
      ),
    byHand: ({ person, server }) => {
      const { ai, sync } = server.tokens;
      return change(person, `${OURS}/credentials.json`, (text) =>
        text.replace(`"sync_token": "${ai}"`, `"sync_token": "${sync}"`),
      );
    },
  },
  {
    name: "a token that ends soon",
    id: "token.sync",
    state: "warn",
    says: /ends in 3 days/,
    provoke: ({ person, server }) => useToken(person, server, new Date(Date.now() + 3.5 * DAY_S * 1000)),
    byHand: ({ person, server }) => useToken(person, server, new Date(Date.now() + 90 * DAY_S * 1000)),
  },
  {
    name: "a clock that is ten minutes behind",
    id: "clock",
    state: "fail",
    says: /10 min behind/,
    provoke: async ({ proxy }) => {
      proxy.intervene = ({ url = "", headers }) => {
        if (!url.endsWith("/whoami")) return undefined;
        const time = new Date(Date.now() + 10.5 * 60_000).toISOString();
        const role = headers.authorization?.includes("sync") === true ? "sync" : "ai";
        const body = JSON.stringify({
          server: "s",
          version: "0.1.0",
          role,
          name: role,
          workspaces: ["*"],
          time,
        });
        return { status: 200, body };
      };
    },
    byHand: async ({ proxy }) => (proxy.intervene = () => undefined),
  },
  {
    name: "secrets that others can read",
    id: "files.permissions",
    state: "fail",
    says: /credentials\.json/,
    provoke: async ({ person }) => {
      await chmod(person.path(OURS), 0o755);
      await chmod(person.path(`${OURS}/credentials.json`), 0o644);
      await chmod(person.path(`${OURS}/env`), 0o604);
    },
  },
  {
    name: "a Claude Code that is not told of the server",
    id: "setup.claude-mcp",
    state: "fail",
    says: /not told/,
    provoke: ({ person }) => person.write(".claude.json", "{}\n"),
  },
  {
    name: "a Claude Code that is told of another server",
    id: "setup.claude-mcp",
    state: "fail",
    says: /another server/,
    provoke: ({ person, proxy }) =>
      change(person, ".claude.json", (text) => text.replace(proxy.url, "http://127.0.0.1:9")),
  },
  {
    name: "a Codex that is not told of the server",
    id: "setup.codex-mcp",
    state: "fail",
    says: /not told/,
    provoke: ({ person }) =>
      change(person, ".codex/config.toml", (text) => text.slice(text.indexOf("[hooks.state"))),
  },
  {
    name: "a Codex that gets an old token",
    id: "setup.codex-mcp",
    state: "fail",
    says: /another token/,
    provoke: ({ person, server }) =>
      change(person, `${OURS}/env`, (text) => text.replace(server.tokens.ai, "an-old-token-0123456789")),
  },
  {
    name: "a Claude Code without hooks",
    id: "setup.hooks",
    state: "fail",
    says: /Claude Code lacks hooks/,
    provoke: ({ person }) => person.write(".claude/settings.json", "{}\n"),
  },
  {
    name: "a hook of an older place",
    id: "setup.hooks",
    state: "fail",
    says: /another memory-sync/,
    provoke: ({ person }) =>
      change(person, ".claude/settings.json", (text) => text.replaceAll(person.path(OURS), "/old/home")),
  },
  {
    name: "a Codex without its hook",
    id: "setup.hooks",
    state: "fail",
    says: /Codex lacks hooks/,
    provoke: ({ person }) => rm(person.path(".codex/hooks.json")),
  },
  {
    name: "hooks that start a program that is gone",
    id: "setup.hooks",
    state: "fail",
    says: /is not there/,
    isDirect: true,
    provoke: ({ person }) => rm(person.path(`${OURS}/bin`), { recursive: true }),
    besides: ["setup.hooks"],
  },
  {
    name: "hooks that are switched off",
    id: "setup.hooks",
    state: "fail",
    says: /disableAllHooks/,
    provoke: ({ person }) =>
      change(person, ".claude/settings.json", (text) => text.replace("{", '{"disableAllHooks": true,')),
    byHand: ({ person }) =>
      change(person, ".claude/settings.json", (text) => text.replace('"disableAllHooks": true,', "")),
  },
  {
    name: "settings that Claude Code does not read",
    id: "setup.hooks",
    state: "fail",
    says: /comments/,
    provoke: ({ person }) => change(person, ".claude/settings.json", (text) => `// mine\n${text}`),
    byHand: ({ person }) => change(person, ".claude/settings.json", (text) => text.replace("// mine\n", "")),
  },
  {
    name: "settings that nobody can understand",
    id: "setup.hooks",
    state: "fail",
    says: /settings\.json cannot be read as Claude Code needs it: .*JSON/,
    provoke: ({ person }) => change(person, ".claude/settings.json", (text) => `]${text}`),
    byHand: ({ person }) => change(person, ".claude/settings.json", (text) => text.slice(1)),
  },
  {
    name: "a folder where settings should be",
    id: "setup.hooks",
    state: "fail",
    says: /hooks\.json cannot be read as Codex needs it: Not a regular file/,
    provoke: async ({ person }) => {
      await rename(person.path(".codex/hooks.json"), person.path("kept.json"));
      await mkdir(person.path(".codex/hooks.json"));
    },
    byHand: async ({ person }) => {
      await rmdir(person.path(".codex/hooks.json"));
      await rename(person.path("kept.json"), person.path(".codex/hooks.json"));
    },
  },
  {
    name: "hooks that do not run",
    id: "hooks.fired",
    state: "warn",
    says: /though sessions have begun/,
    provoke: async ({ person }) => {
      await session(person, 0);
      await person.run(["sync"]);
      await age(person, `${OURS}/bin/memory-sync`, 30);
    },
    byHand: ({ person }) =>
      person.run(["claude-hook"], { stdin: JSON.stringify({ hook_event_name: "PreCompact" }) }),
  },
  {
    name: "neither hooks nor a schedule that run",
    id: "hooks.fired",
    state: "fail",
    says: /though sessions have begun/,
    provoke: async ({ person }) => {
      await session(person, 0);
      await person.run(["sync"]);
      await age(person, `${OURS}/bin/memory-sync`, 30);
      await age(person, `${OURS}/state/runs/schedule`, 2);
    },
    byHand: async ({ person }) => {
      await person.run(["claude-hook"], { stdin: JSON.stringify({ hook_event_name: "PreCompact" }) });
      await person.run(["sync", "--scheduled", "--quiet"]);
    },
    besides: ["schedule.ran"],
  },
  {
    name: "a hook that Codex does not trust",
    id: "codex.trust",
    state: "warn",
    says: /until it is trusted/,
    provoke: ({ person }) =>
      change(person, ".codex/config.toml", (text) => text.slice(0, text.indexOf("[hooks.state"))),
    byHand: ({ person }) => trust(person),
  },
  {
    name: "no schedule",
    id: "schedule.installed",
    state: "warn",
    says: /nothing runs sync/,
    provoke: ({ person }) => rm(person.path("../crontab")),
  },
  {
    name: "a schedule that stands still",
    id: "schedule.ran",
    state: "fail",
    says: /2 days ago/,
    provoke: ({ person }) => age(person, `${OURS}/state/runs/schedule`, 2),
    byHand: ({ person }) => person.run(["sync", "--scheduled", "--quiet"]),
  },
  {
    name: "work that waits for too long",
    id: "outbox.age",
    state: "fail",
    says: /1 job waits, the oldest for 2 days: it was down/,
    provoke: async ({ person }) => job(person, await session(person, 2)),
  },
  {
    name: "work that was refused",
    id: "outbox.set_aside",
    state: "fail",
    says: /was refused/,
    provoke: async ({ person }) =>
      job(person, await session(person, 2), { set_aside_at: new Date().toISOString() }),
  },
  {
    name: "a damaged job",
    id: "outbox.damaged",
    state: "warn",
    says: /1 damaged job/,
    provoke: ({ person }) => person.write(`${OURS}/queue/damaged/1-x.json`, "{"),
    byHand: ({ person }) => rm(person.path(`${OURS}/queue/damaged`), { recursive: true }),
  },
  {
    name: "a manifest that cannot be used",
    id: "manifests",
    state: "fail",
    says: /w\.json/,
    provoke: ({ person }) => person.write(`${OURS}/manifests/w.json`, '{"nonsense": 1}'),
    byHand: ({ person }) => rm(person.path(`${OURS}/manifests/w.json`)),
  },
  {
    name: "transcripts that the server lacks",
    id: "transcripts.lagging",
    state: "fail",
    says: /lacks 1 transcript, one for 2 days/,
    provoke: ({ person }) => session(person, 2),
  },
  {
    name: "transcripts that are deleted soon",
    id: "transcripts.expiring",
    state: "fail",
    says: /may delete 1 transcript/,
    provoke: ({ person }) => session(person, 29),
    besides: ["transcripts.lagging"],
  },
  {
    name: "files that were sent before secrets were taken out",
    id: "redaction",
    state: "warn",
    says: /1 file was not looked at again/,
    provoke: async ({ person }) => {
      await session(person, 2);
      await person.run(["sync"]);
      await change(person, `${OURS}/config.json`, (text) => text.replace("{", '{"redact": true,'));
    },
  },
];

describe("memory-sync doctor", () => {
  it("finds nothing wrong with a machine that was set up, and says so in one screen", async () => {
    await using scene = await healthy();
    const { person, server } = scene;

    const { code, stdout, stderr } = await person.run(["doctor"]);
    const before = await person.allFiles();
    const { findings } = await doctor(person);

    expect(wrong(findings)).toEqual([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await person.allFiles()).toEqual(before);
    expect(stdout).not.toContain(server.tokens.ai);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(seen(stdout, scene)).toMatchFileSnapshot("../golden/screens/doctor-well.txt");
  });

  it.each(CASES)(
    "finds $name, and what it says mends it",
    async ({ id, state, says, provoke, byHand, isDirect, besides = [] }) => {
      await using scene = await healthy({ isDirect });
      const { person } = scene;
      await provoke(scene);

      const { code, findings } = await doctor(person);
      const found = wrong(findings);
      const finding = found.find((one) => one.id === id);
      const { code: mended } =
        byHand === undefined ? await person.shell(finding?.command ?? "exit 9") : { code: 0 };
      await byHand?.(scene);
      const after = await doctor(person);

      expect(found.map((one) => one.id)).toEqual(expect.arrayContaining([id, ...besides]));
      expect(found).toHaveLength(1 + besides.length);
      expect(finding).toMatchObject({ state, message: expect.stringMatching(says) });
      expect(code).toBe(found.some((one) => one.state === "fail") ? 1 : 0);
      expect(mended).toBe(0);
      expect(byHand === undefined ? finding?.command : finding?.advice).toMatch(/\w/);
      expect(wrong(after.findings)).toEqual([]);
    },
  );

  it("says of five things that are wrong what mends each", async () => {
    await using scene = await healthy();
    const { person, server } = scene;
    await session(person, 29);
    await chmod(person.path(`${OURS}/credentials.json`), 0o644);
    await rm(person.path("../crontab"));
    await person.write(".claude/settings.json", "{}\n");
    await change(person, `${OURS}/env`, (text) => text.replace(server.tokens.ai, "an-old-token-0123456789"));

    const { code, stdout } = await person.run(["doctor"]);

    expect(code).toBe(1);
    expect(stdout).not.toContain("an-old-token");
    await expect(seen(stdout, scene)).toMatchFileSnapshot("../golden/screens/doctor-wrong.txt");
  });

  it("tells a server that is away from one that was not to be asked", async () => {
    await using scene = await healthy();
    const { person } = scene;

    const away = await doctor(person, "--url", "http://127.0.0.1:1");
    const offline = await doctor(person, "--url", "http://127.0.0.1:1", "--offline");

    expect(away.code).toBe(1);
    expect(away.findings.find(({ id }) => id === "server.reachable")).toMatchObject({ state: "fail" });
    expect(offline.findings.filter(({ id }) => /^(?:server|clock)/.test(id))).toEqual([]);
  });

  it("says which variable goes before the token that is kept", async () => {
    await using scene = await healthy();
    const { person, server } = scene;

    const { stdout } = await person.run(["doctor", "--json"], { env: { SYNC_TOKEN: server.tokens.ai } });

    expect(wrong(Answer.parse(JSON.parse(stdout)).findings).map(({ id }) => id)).toEqual([
      "token.sync",
      "token.env",
    ]);
    expect(stdout).not.toContain(server.tokens.ai);
  });

  it("says of a machine that was never set up where to begin", async () => {
    await using person = await Person.create();

    const { code, findings } = await doctor(person, "--offline");

    expect(code).toBe(1);
    expect(wrong(findings)).toMatchObject([
      { id: "token.ai", state: "fail" },
      { id: "token.sync", state: "fail" },
    ]);
    expect(findings[0]?.advice).toContain("memory-sync install --join-file -");
  });

  it("names a settings file of ours that cannot be read", async () => {
    await using scene = await healthy();
    const { person } = scene;
    await person.write(`${OURS}/config.json`, "{");

    const { code, findings } = await doctor(person);

    expect(code).toBe(1);
    expect(wrong(findings)).toMatchObject([
      { id: "config", message: expect.stringContaining("config.json") },
    ]);
  });

  it.skipIf(OPENSSL === undefined)(
    "finds a certificate that nobody vouches for, and one for another name",
    async () => {
      await using scene = await healthy();
      const { person, server } = scene;
      await using own = await behindTls(server.url);
      await using other = await behindTls(server.url, "DNS:other.example");

      const unknown = await doctor(person, "--url", own.url);
      const misnamed = await person.run(["doctor", "--json", "--url", other.url], {
        env: { NODE_EXTRA_CA_CERTS: other.ca },
      });
      const install = await person.run(
        ["install", "--url", own.url, "--ca", own.ca, "--yes", "--tokens-stdin"],
        {
          stdin: JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync }),
        },
      );
      const mended = await person.shell("~/.memory-sync/bin/memory-sync doctor --json");

      expect(unknown.findings.find(({ id }) => id === "server.tls")).toMatchObject({
        state: "fail",
        advice: expect.stringContaining("install --ca"),
      });
      expect(misnamed.stdout).toContain("for another name than 127.0.0.1");
      expect(install.code).toBe(0);
      expect(wrong(Answer.parse(JSON.parse(mended.stdout)).findings)).toEqual([]);
    },
  );
});
