import { once } from "node:events";
import { appendFile, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { SessionEntry, SessionPage } from "../../contract/wire.ts";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { sha256 } from "../../disk/digest.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { installTranscripts } from "../support/client-places.ts";
import { buildBundle, Machine } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const TRANSCRIPT = `.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`;

function line(text: string): string {
  const message = { role: "user", content: text };
  const line = {
    type: "user",
    sessionId: SESSION_ID,
    cwd: "/home/me/shop",
    timestamp: "2026-11-21T06:00:00.000Z",
    message,
  };
  return `${JSON.stringify(line)}\n`;
}

/** A server, the proxy before it, and a machine that talks through the proxy. */
async function fixture() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer());
  const proxy = stack.use(await CountingProxy.start(server.url));
  const machineNamed = async (name: string, url = proxy.url): Promise<Machine> => {
    const env = {
      MCP_MEMORY_URL: `${url}/mcp`,
      SYNC_TOKEN: server.tokens.sync,
      MCP_MEMORY_TOKEN: server.tokens.ai,
    };
    const machine = stack.use(await Machine.create(env));
    await machine.write(".memory-sync/config.json", JSON.stringify({ machine: name }));
    return machine;
  };
  return { server, proxy, machineNamed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function sessionsOf(server: TestServer, workspaceId: string) {
  return SessionPage.parse(await (await server.api(`workspaces/${workspaceId}/sessions`)).json()).entries;
}

async function archiveOf(server: TestServer, workspaceId: string, sessionId: string): Promise<string> {
  const response = await server.api(`workspaces/${workspaceId}/sessions/${sessionId}`, {
    token: server.tokens.sync,
  });
  return response.text();
}

describe("case 10: two machines and one server", () => {
  it("bring knowledge and sessions together: manifest, hook and scan", async () => {
    await buildBundle();
    await using scene = await fixture();
    const { server, machineNamed } = scene;
    const laptop = await machineNamed("laptop");
    const desktop = await machineNamed("desktop");
    await laptop.write("shop/CLAUDE.md", "# Shop\n\nThe zeppelin invoices are rounded up.\n");
    await installTranscripts("codex/sessions", desktop.path(".codex/sessions"));
    const transcript = await laptop.write(TRANSCRIPT, line("why does the quokka export fail"));
    const payload = {
      session_id: SESSION_ID,
      transcript_path: transcript,
      cwd: "/home/me/shop",
      hook_event_name: "SessionEnd",
    };

    await laptop.run(["init-manifest", "--project", "shop", "--cwd", laptop.path("shop")], {
      program: "bundle",
    });
    const hook = await laptop.run(["claude-hook"], { stdin: JSON.stringify(payload), program: "bundle" });
    await vi.waitFor(
      async () => expect(await sessionsOf(server, "laptop-claude-code-shop")).toHaveLength(1),
      {
        timeout: 20_000,
      },
    );
    const scan = await desktop.run(["sync"], { program: "bundle" });
    const knowledge = KnowledgeAnswer.parse(
      await (await server.api("search/knowledge?query=zeppelin&mode=literal")).json(),
    );
    const sessions = SessionAnswer.parse(
      await (await server.api("search/sessions?query=quokka&mode=literal")).json(),
    );

    expect({ hook: hook.code, scan: scan.code, stderr: scan.stderr }).toMatchObject({ hook: 0, scan: 0 });
    expect(knowledge.hits).toMatchObject([{ workspace_id: "laptop-claude-code-shop", path: "CLAUDE.md" }]);
    expect(sessions.hits).toMatchObject([
      { workspace_id: "laptop-claude-code-shop", session_id: SESSION_ID },
    ]);
    const pages = SessionPage.parse(await (await server.api("sessions")).json());
    expect(
      pages.entries.filter(({ workspace_id: id }) => id.startsWith("desktop-codex-")).length,
    ).toBeGreaterThan(2);
  });
});

describe("sync", () => {
  it("sends every recorded transcript byte for byte, and nothing the second time", async () => {
    await using scene = await fixture();
    const { server, proxy } = scene;
    const machine = await scene.machineNamed("laptop");
    await installTranscripts("claude/projects", machine.path(".claude/projects"));
    await installTranscripts("codex/sessions", machine.path(".codex/sessions"));

    const first = JSON.parse((await machine.run(["sync", "--json"])).stdout);
    proxy.reset();
    const second = await machine.run(["sync", "--json"]);
    const recheck = await machine.run(["sync", "--recheck", "--json"]);

    expect(first.sessions).toMatchObject({ failed: 0 });
    expect(first.sessions.created).toBeGreaterThan(10);
    expect(JSON.parse(second.stdout)).toMatchObject({
      bytes_sent: 0,
      sessions: { unchanged: first.sessions.created },
    });
    const rechecked = JSON.parse(recheck.stdout);
    expect(rechecked).toMatchObject({ sessions: { unchanged: first.sessions.created } });
    // It registers its workspaces again, in case the server was restored from before them.
    expect(rechecked.bytes_sent).toBeLessThan(1000);
    expect(proxy.uploads).toEqual([]);
    const stored = SessionPage.parse(await (await server.api("sessions?limit=500")).json()).entries;
    const local = new Set([
      ...(await digestsBelow(machine.path(".claude"))),
      ...(await digestsBelow(machine.path(".codex"))),
    ]);
    const missing = stored.filter((entry) => !local.has(entry.sha256));
    expect(stored).toHaveLength(first.sessions.created);
    expect(missing).toEqual([]);
    const { workspace_id: workspace, session_id: session, sha256: digest } = SessionEntry.parse(stored[0]);
    expect(sha256(await archiveOf(server, workspace, session))).toBe(digest);
  });

  it("sends only the tail of a transcript that grew by 10 lines", async () => {
    await using scene = await fixture();
    const { server, proxy } = scene;
    const machine = await scene.machineNamed("laptop");
    const noise = Array.from({ length: 2000 }, (_, index) => line(`line ${index} ${Math.random()}`)).join("");
    const transcript = await machine.write(TRANSCRIPT, noise);
    await machine.run(["sync"]);
    const whole = proxy.uploads.at(-1)?.bodyBytes ?? 0;
    proxy.reset();

    await appendFile(transcript, Array.from({ length: 10 }, (_, index) => line(`new ${index}`)).join(""));
    const grown = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(grown.sessions).toMatchObject({ appended: 1, failed: 0 });
    expect(proxy.uploads).toMatchObject([{ method: "PATCH", status: 200 }]);
    expect(proxy.uploads[0]?.bodyBytes).toBeLessThan(1000);
    expect(whole).toBeGreaterThan(20_000);
    const [entry] = await sessionsOf(server, "laptop-claude-code-shop");
    expect(entry?.lines).toBe(2010);
    expect(await archiveOf(server, "laptop-claude-code-shop", SESSION_ID)).toBe(
      await readFile(transcript, "utf8"),
    );
  });

  it("keeps a transcript that was rewritten as a new revision", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    const transcript = await machine.write(TRANSCRIPT, line("one") + line("two"));
    await machine.run(["sync"]);

    await writeFile(transcript, line("one, edited") + line("two") + line("three"));
    const { sessions } = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(sessions).toMatchObject({ revision: 1, failed: 0 });
    expect(await sessionsOf(scene.server, "laptop-claude-code-shop")).toMatchObject([
      { revision: 2, lines: 3 },
    ]);
  });

  it("brings a transcript that compresses like a bomb, as it is", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    const transcript = line("hello") + line("a".repeat(40_000_000));
    await machine.write(TRANSCRIPT, transcript);

    const { code } = await machine.run(["sync"]);
    const [entry] = await sessionsOf(scene.server, "laptop-claude-code-shop");

    expect(code).toBe(0);
    expect(entry?.bytes).toBe(transcript.length);
  });

  it("sends the whole when somebody else appended between the question and the tail", async () => {
    await using scene = await fixture();
    const { proxy } = scene;
    const machine = await scene.machineNamed("laptop");
    const transcript = await machine.write(TRANSCRIPT, line("one"));
    await machine.run(["sync"]);
    await appendFile(transcript, line("two"));
    const error = { error: { code: "conflict", message: "other bytes are stored", request_id: "r" } };
    proxy.intervene = ({ method }) =>
      method === "PATCH" ? { status: 409, body: JSON.stringify(error) } : undefined;

    const { sessions } = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(sessions).toMatchObject({ appended: 1, failed: 0 });
  });

  it("sends a changed knowledge file, not one whose time alone changed", async () => {
    await using scene = await fixture();
    const { proxy } = scene;
    const machine = await scene.machineNamed("laptop");
    const notes = await machine.write("shop/CLAUDE.md", "# One\n");
    await machine.write("shop/AGENTS.md", "# Agents\n");
    await machine.run(["init-manifest", "--project", "shop", "--cwd", machine.path("shop")]);
    const first = JSON.parse((await machine.run(["sync", "--json"])).stdout);
    proxy.reset();

    await copyFile(notes, `${notes}.same`);
    await rm(notes);
    await copyFile(`${notes}.same`, notes);
    const touched = JSON.parse((await machine.run(["sync", "--json"])).stdout);
    await writeFile(notes, "# Two\n");
    const changed = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(first.knowledge).toMatchObject({ created: 2 });
    expect(touched).toMatchObject({ knowledge: { unchanged: 2 }, bytes_sent: 0 });
    expect(changed.knowledge).toMatchObject({ updated: 1, unchanged: 1 });
    expect(proxy.uploads).toHaveLength(1);
  });

  it("only says what it would do with --dry-run", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));

    const dry = await machine.run(["sync", "--dry-run"]);
    const json = JSON.parse((await machine.run(["sync", "--dry-run", "--json"])).stdout);

    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^new +session .* ~\/\.claude\/.*1{8}/m),
    });
    const path = machine.path(TRANSCRIPT);
    expect(json.actions).toMatchObject([{ kind: "session", reason: "new", session_id: SESSION_ID, path }]);
    expect(scene.proxy.passed).toEqual([]);
  });

  it.each([[["sync", "--dry-run"]], [["status"]]])(
    "changes nothing with %j, not even what is damaged, and says what is left out",
    async (args) => {
      await using scene = await fixture();
      const machine = await scene.machineNamed("laptop");
      await machine.write(TRANSCRIPT, line("one"));
      await machine.run(["sync"]);
      const names = await readdir(machine.path(".memory-sync/state"));
      const state = names.find((name) => name.endsWith(".json"));
      await machine.write(`.memory-sync/state/${state}`, '{"format":1,"sess');
      await machine.write(".memory-sync/queue/new/feed.json", '{"kind":"sess');
      const empty = await machine.write(TRANSCRIPT.replace("1111.jsonl", "2222.jsonl"), "");
      const before = await filesBelow(machine.home);
      scene.proxy.reset();

      const { stdout, stderr } = await machine.run(args);

      const shown = args.includes("status") ? empty : empty.replace(machine.home, "~");
      expect(`${stdout}${stderr}`).toContain(`${shown}: empty`);
      expect(await filesBelow(machine.home)).toEqual(before);
      expect(scene.proxy.passed).toEqual([]);
    },
  );

  it("says once of a file that is not there which workspaces it belongs to", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    const tracked = [{ local: "~/gone.md", upload: "gone.md" }];
    for (const project of ["one", "two"]) {
      const name = { workspace_id: `laptop-x-${project}`, machine: "laptop", tool: "x", project };
      await machine.write(`.memory-sync/manifests/${project}.json`, JSON.stringify({ ...name, tracked }));
    }

    const { notes } = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(notes).toEqual([
      `${machine.path("gone.md")} is not there; what the server has of it stays (laptop-x-one, laptop-x-two)`,
    ]);
  });

  it("says nothing with --quiet but warnings and failures", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));

    const sent = await machine.run(["sync", "--quiet"]);
    const gone = await machine.run(["sync", "--quiet", "--recheck", "--url", "http://127.0.0.1:2"]);

    expect(sent).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(gone).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("cannot be reached") });
  });

  it("counts a session once when its job in the outbox sends it, and says how to hasten the job", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));

    scene.proxy.intervene = () => ({ status: 503, body: "" });
    const failed = await machine.run(["sync"]);
    const waiting = await machine.run(["status"]);
    scene.proxy.intervene = () => undefined;
    const { sessions } = JSON.parse((await machine.run(["sync", "--retry", "--json"])).stdout);
    const sent = await machine.run(["status"]);

    expect(failed.stderr).toContain("1 job waits in the outbox for a later sync; `memory-sync sync --retry`");
    expect(waiting.stdout).toContain("Sessions   0 sent, 0 new, 0 changed, 1 in the outbox");
    expect(sessions).toMatchObject({ created: 1, unchanged: 0 });
    expect(sent.stdout).toContain("Sessions   1 sent, 0 new, 0 changed");
  });

  it("claims to have sent nothing when no server answered", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop", "http://127.0.0.1:2");
    await machine.write(TRANSCRIPT, line("one"));

    const { code, stdout } = await machine.run(["sync"]);

    expect(code).toBe(4);
    expect(stdout).toContain("; 0 B sent");
  });

  it("uses the good manifests and names the bad one", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write("shop/CLAUDE.md", "# One\n");
    await machine.run(["init-manifest", "--project", "shop", "--cwd", machine.path("shop")]);
    await machine.write(".memory-sync/manifests/bad.json", '{"workspaceid":"x"}');
    const glob = { local: "~/shop", glob: "[z-a].md" };
    const name = { workspace_id: "a-b-c", machine: "a", tool: "b", project: "c" };
    await machine.write(
      ".memory-sync/manifests/glob.json",
      JSON.stringify({ ...name, tracked_dirs: [glob] }),
    );

    const { code, stderr, stdout } = await machine.run(["sync", "--json"]);

    expect(code).toBe(1);
    expect(stderr).toMatch(/glob\.json: tracked_dirs\[0\]\.glob: the range "z-a" ends before it begins/);
    expect(stderr).toContain("bad.json");
    expect(stderr).toContain('Did you mean "workspace_id"?');
    expect(JSON.parse(stdout).knowledge).toMatchObject({ created: 1 });
  });

  it("reports a workspace that another machine registered, with the way out, and sets its job aside", async () => {
    await using scene = await fixture();
    const { server } = scene;
    const machine = await scene.machineNamed("laptop");
    await server.register({ machine: "laptop", tool: "claude-code", project: "shop" });
    await machine.write(TRANSCRIPT, line("one"));

    const refused = await machine.run(["sync"]);
    const status = await machine.run(["status", "--json"]);
    const token = await reissue(server, "laptop-claude-code-shop");
    await machine.write("token", token);
    const init = [
      "init-manifest",
      "--machine",
      "laptop",
      "--project",
      "shop",
      "--write-token-file",
      "~/token",
    ];
    await machine.run(init);
    const mended = await machine.run(["sync", "--retry", "--json"]);

    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("workspace reissue laptop-claude-code-shop");
    expect(JSON.parse(status.stdout).jobs).toMatchObject([{ standing: "set_aside", kind: "session" }]);
    expect(mended.code).toBe(0);
    expect(await sessionsOf(server, "laptop-claude-code-shop")).toHaveLength(1);
  });

  it("ends with 3 for a wrong token, and forgets nothing", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));
    const right = machine.env["SYNC_TOKEN"] ?? "";

    machine.env["SYNC_TOKEN"] = "wrong-token-0123456789";
    const refused = await machine.run(["sync"]);
    machine.env["SYNC_TOKEN"] = right;
    const after = await machine.run(["sync"]);

    expect([refused.code, after.code]).toEqual([3, 0]);
    expect(await sessionsOf(scene.server, "laptop-claude-code-shop")).toHaveLength(1);
  });

  it("tells whoever asks later how the last one ended, and what mends it", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    const lastSync = async () => {
      const [screen, json] = [await machine.run(["status"]), await machine.run(["status", "--json"])];
      const line = /^Last sync +(.*)$/m.exec(screen.stdout)?.[1];
      return { code: screen.code, line, ...JSON.parse(json.stdout).last_sync };
    };
    await machine.write(TRANSCRIPT, line("one"));
    const token = scene.server.tokens.sync;

    const never = await lastSync();
    machine.env["SYNC_TOKEN"] = "revoked-token-0123456789";
    await machine.run(["sync", "--quiet", "--scheduled"]);
    const refused = await lastSync();
    machine.env["SYNC_TOKEN"] = "";
    await machine.run(["sync", "--quiet", "--scheduled"]);
    const tokenless = await lastSync();
    machine.env["SYNC_TOKEN"] = token;
    await machine.run(["sync", "--url", "http://127.0.0.1:2"]);
    const away = await lastSync();
    await machine.run(["sync", "--retry"]);
    const mended = await lastSync();

    const mending = "federated-memory join --machine NAME";
    expect(never).toEqual({ code: 0, line: "none yet" });
    expect(refused).toMatchObject({
      code: 1,
      outcome: "auth",
      line: expect.stringMatching(/^failed 20.*: /),
    });
    expect(refused.line).toContain(`It comes from SYNC_TOKEN; ${mending}`);
    expect(tokenless).toMatchObject({ code: 1, outcome: "auth", message: "There is no sync token" });
    expect(away).toMatchObject({
      code: 0,
      outcome: "network",
      line: expect.stringContaining("cannot be reached"),
    });
    expect(mended).toMatchObject({
      code: 0,
      outcome: "ok",
      line: expect.stringMatching(/^20.*, all went well$/),
    });
  });

  it("leaves the work to a sync that is already running", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));
    await mkdir(machine.path(".memory-sync/state"), { recursive: true });
    const lock = machine.path(".memory-sync/state/sync.lock");

    await writeFile(lock, `${process.pid} ${hostname()} living`);
    const second = await machine.run(["sync"]);
    await writeFile(lock, `4194304 ${hostname()} dead`);
    const third = await machine.run(["sync", "--json"]);

    expect(second).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Another memory-sync is running"),
    });
    expect(JSON.parse(third.stdout).sessions).toMatchObject({ created: 1 });
  });

  it("O4: sets a damaged state aside and goes on", async () => {
    await using scene = await fixture();
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));
    await machine.run(["sync"]);
    const folder = machine.path(".memory-sync/state");
    const name = (await readdir(folder)).find((each) => each.endsWith(".json")) ?? "";
    await writeFile(join(folder, name), '{"format":1,"sess');

    const again = JSON.parse((await machine.run(["sync", "--json"])).stdout);

    expect(again).toMatchObject({ sessions: { unchanged: 1 } });
    expect(scene.proxy.uploads).toHaveLength(1);
    expect((await readdir(folder)).some((each) => each.includes("damaged"))).toBe(true);
  });
});

describe("the outbox survives", () => {
  it.each([
    ["500", { status: 500, body: '{"error":{"code":"internal","message":"bug"}}' }],
    ["503 of a proxy", { status: 503, body: "<html>try later</html>" }],
    ["a portal that answers 200 to everything", { status: 200, body: "<html>welcome</html>" }],
  ])("%s", async (_, answer) => {
    await using scene = await fixture();
    const { proxy, server } = scene;
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));

    proxy.intervene = () => answer;
    const failed = await machine.run(["sync", "--json"]);
    proxy.intervene = () => undefined;
    const waiting = await machine.box("new");
    await vi.waitFor(
      async () => {
        await machine.run(["sync"]);
        expect(await sessionsOf(server, "laptop-claude-code-shop")).toHaveLength(1);
      },
      { timeout: 25_000 },
    );

    expect(JSON.parse(failed.stdout)).toMatchObject({ waiting: 1, set_aside: 0 });
    expect(waiting).toHaveLength(1);
    expect(await machine.box("new")).toEqual([]);
  });

  it("a server that is down, for a hook", async () => {
    await using scene = await fixture();
    const { server, proxy } = scene;
    const machine = await scene.machineNamed("laptop", "http://127.0.0.1:2");
    const transcript = await machine.write(TRANSCRIPT, line("one"));
    const payload = { transcript_path: transcript, hook_event_name: "SessionEnd" };

    await machine.run(["claude-hook"], { stdin: JSON.stringify(payload) });
    await vi.waitFor(async () => expect(await machine.log("sync")).toContain("cannot be reached"), {
      timeout: 20_000,
    });
    machine.env["MCP_MEMORY_URL"] = proxy.url;
    const retried = await machine.run(["sync", "--from-hook", "--retry", "--json"]);

    expect(JSON.parse(retried.stdout)).toMatchObject({ sessions: { created: 1 }, waiting: 0 });
    expect(await sessionsOf(server, "laptop-claude-code-shop")).toHaveLength(1);
    expect(await machine.box("done")).toHaveLength(1);
  });

  it("P3: the death of the client in the middle of a request", async () => {
    await using scene = await fixture();
    const { server, proxy } = scene;
    const machine = await scene.machineNamed("laptop", "http://127.0.0.1:2");
    const transcript = await machine.write(TRANSCRIPT, line("one"));
    await machine.run(["sync"]);
    machine.env["MCP_MEMORY_URL"] = proxy.url;
    const asked = Promise.withResolvers<void>();
    proxy.intervene = () => (asked.resolve(), "hang");

    const child = machine.start(["sync", "--retry"]);
    await asked.promise;
    const claimed = await machine.box("cur");
    child.kill("SIGKILL");
    await once(child, "exit");
    proxy.intervene = () => undefined;
    const next = await machine.run(["sync", "--json"]);

    expect(claimed).toHaveLength(1);
    expect(JSON.parse(next.stdout)).toMatchObject({ sessions: { created: 1 }, waiting: 0 });
    expect(await archiveOf(server, "laptop-claude-code-shop", SESSION_ID)).toBe(
      await readFile(transcript, "utf8"),
    );
  });

  it("429, and obeys Retry-After", async () => {
    await using scene = await fixture();
    const { proxy } = scene;
    const machine = await scene.machineNamed("laptop");
    await machine.write(TRANSCRIPT, line("one"));
    const body = '{"error":{"code":"rate_limited","message":"too many requests"}}';
    proxy.intervene = () => ({ status: 429, headers: { "Retry-After": "3600" }, body });
    await machine.run(["sync"]);
    proxy.intervene = () => undefined;
    proxy.reset();

    const patient = await machine.run(["sync", "--json"]);

    expect(JSON.parse(patient.stdout)).toMatchObject({ waiting: 1 });
    expect(proxy.passed).toEqual([]);
    const [job] = JSON.parse((await machine.run(["status", "--json"])).stdout).jobs;
    expect(Date.parse(job.not_before) - Date.now()).toBeGreaterThan(3_500_000);
  });
});

/** Every file with its bytes. */
async function filesBelow(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, "latin1")] as const)),
  );
}

async function digestsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"));
  return Promise.all(
    files.map(async ({ parentPath, name }) => sha256(await readFile(join(parentPath, name)))),
  );
}

/** A new write token, as an admin on the server's machine gets it. */
async function reissue(server: TestServer, workspaceId: string): Promise<string> {
  const admin = await readLocalAdmin(server.root);
  const path = `admin/workspaces/${workspaceId}/reissue`;
  const response = await server.api(path, { method: "POST", token: admin?.token ?? "" });
  return z.object({ write_token: z.string() }).parse(await response.json()).write_token;
}
