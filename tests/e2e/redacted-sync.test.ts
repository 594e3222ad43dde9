import { globSync, readFileSync } from "node:fs";
import { appendFile, readdir, readFile, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { SessionPage } from "../../contract/wire.ts";
import { loadedBy } from "../architecture/imports.ts";
import { TRANSCRIPTS } from "../support/client-places.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { Machine } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const ROOT = join(import.meta.dirname, "../..");
const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const TRANSCRIPT = `.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`;
const WORKSPACE = "laptop-claude-code-shop";
/** Put together here, so that nobody who scans this file takes it for a secret. */
const CANARY = ["gh", "p_", "Zq7Wn2Rb9Xk4Vt6Ym3Lc8Hd5Fs1Gj0PaQeUo"].join("");
const KEY_BODY = "MIIEpAIBAAKCAQEA7Zq9Wn2Rb9Xk4Vt6Ym3Lc8Hd5Fs1Gj0PaQeUoTyIrEwKzXvB";

function line(text: string): string {
  const message = { role: "user", content: text };
  const place = { sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp: "2026-11-21T06:00:00.000Z" };
  return `${JSON.stringify({ type: "user", ...place, message })}\n`;
}

/** A server, the proxy before it, and a machine that talks through the proxy. */
async function fixture(config: object = { redact: true }) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer());
  const proxy = stack.use(await CountingProxy.start(server.url));
  const env = {
    MCP_MEMORY_URL: `${proxy.url}/mcp`,
    SYNC_TOKEN: server.tokens.sync,
    MCP_MEMORY_TOKEN: server.tokens.ai,
  };
  const machine = stack.use(await Machine.create(env));
  const configure = (settings: object) =>
    machine.write(".memory-sync/config.json", JSON.stringify({ machine: "laptop", ...settings }));
  await configure(config);
  const sync = async (...options: string[]) =>
    JSON.parse((await machine.run(["sync", "--json", ...options])).stdout);
  return { server, proxy, machine, configure, sync, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function archiveOf(server: TestServer, workspace = WORKSPACE, session = SESSION_ID): Promise<string> {
  const path = `workspaces/${workspace}/sessions/${session}`;
  return (await server.api(path, { token: server.tokens.sync })).text();
}

async function sessionsOf(server: TestServer) {
  return SessionPage.parse(await (await server.api("sessions")).json()).entries;
}

/** All that the server keeps on its disk that holds a text. */
async function filesWith(server: TestServer, text: string): Promise<string[]> {
  const entries = await readdir(server.root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

describe("sync with redaction", () => {
  it("sends only the tail of what grew, and no secret ever", async () => {
    await using scene = await fixture();
    const { server, proxy, machine, sync } = scene;
    const noise = Array.from({ length: 500 }, (_, index) => line(`line ${index} ${Math.random()}`)).join("");
    const transcript = await machine.write(TRANSCRIPT, `${line(`export TOKEN=${CANARY}`)}${noise}`);
    const first = await sync();
    proxy.reset();

    await appendFile(transcript, line(`again\n${CANARY}`) + line(`and ${server.tokens.sync}`));
    const grown = await sync();
    const same = await sync("--recheck");

    expect(first.sessions).toMatchObject({ created: 1, failed: 0 });
    expect(grown.sessions).toMatchObject({ appended: 1, revision: 0, failed: 0 });
    expect(proxy.uploads).toMatchObject([{ method: "PATCH", status: 200 }]);
    expect(proxy.uploads[0]?.bodyBytes).toBeLessThan(1000);
    expect(same).toMatchObject({ sessions: { unchanged: 1 } });
    // A recheck registers its workspaces again, and sends nothing of their files.
    expect(same.bytes_sent).toBeLessThan(1000);
    const expected = (await readFile(transcript, "utf8"))
      .replaceAll(CANARY, "[redacted:github]")
      .replace(server.tokens.sync, "[redacted:own]");
    expect(await archiveOf(server)).toBe(expected);
    expect(await filesWith(server, CANARY)).toEqual([]);
  });

  it("leaves receipts that count and tell nothing, and status adds them up", async () => {
    await using scene = await fixture();
    const { machine, sync } = scene;
    const transcript = await machine.write(TRANSCRIPT, line(`one ${CANARY}`));
    await sync();
    await appendFile(transcript, line(`two ${CANARY}`));
    await sync();

    const receipts = await readFile(machine.path(".memory-sync/log/redactions.jsonl"), "utf8");
    const status = await machine.run(["status"]);

    expect(
      receipts
        .trim()
        .split("\n")
        .map((each) => JSON.parse(each)),
    ).toMatchObject([
      { path: transcript, workspace_id: WORKSPACE, session_id: SESSION_ID, counts: { github: 1 } },
      { counts: { github: 2 }, rules_version: expect.any(Number) },
    ]);
    expect(sharedWith(receipts, CANARY.slice(4))).toEqual([]);
    expect(status.stdout).toContain("Redacted   2 secrets in 1 file: 2 github");
  });

  it("that is switched on later makes one revision of what held a secret, and status says it will look", async () => {
    await using scene = await fixture({});
    const { server, machine, configure, sync } = scene;
    await machine.write(TRANSCRIPT, line(`one ${CANARY}`));
    const clean = SESSION_ID.replaceAll("1", "2");
    await machine.write(TRANSCRIPT.replace(SESSION_ID, clean), line("clean").replaceAll(SESSION_ID, clean));
    await sync();
    const open = await archiveOf(server);

    await configure({ redact: true });
    const status = JSON.parse((await machine.run(["status", "--json"])).stdout);
    const switched = await sync();
    const after = await sync();

    expect(open).toContain(CANARY);
    expect(status.sessions).toMatchObject({ check: 2, new: 0, changed: 0 });
    expect(switched.sessions).toMatchObject({ revision: 1, unchanged: 1, failed: 0 });
    expect(after).toMatchObject({ sessions: { unchanged: 2 }, bytes_sent: 0 });
    expect(await archiveOf(server)).toBe(line("one [redacted:github]"));
  });

  it("is for the workspaces whose manifests say so", async () => {
    await using scene = await fixture({});
    const { server, machine, sync } = scene;
    const name = { workspace_id: WORKSPACE, machine: "laptop", tool: "claude-code", project: "shop" };
    const manifest = { ...name, cwd: "/home/me/shop", redact: true };
    await machine.write(".memory-sync/manifests/shop.json", JSON.stringify(manifest));
    await machine.write(TRANSCRIPT, line(`one ${CANARY}`));
    const elsewhere = SESSION_ID.replaceAll("1", "3");
    await machine.write(
      TRANSCRIPT.replace(SESSION_ID, elsewhere),
      line(`one ${CANARY}`).replaceAll(SESSION_ID, elsewhere).replace("/home/me/shop", "/home/me/other"),
    );

    const { sessions } = await sync();

    expect(sessions).toMatchObject({ created: 2 });
    expect(await archiveOf(server)).not.toContain(CANARY);
    expect(await archiveOf(server, "laptop-claude-code-other", elsewhere)).toContain(CANARY);
  });

  it("waits with a last line that is not whole, and says so", async () => {
    await using scene = await fixture();
    const { server, machine, sync } = scene;
    const [whole, half] = [line("whole"), line(`password=${CANARY}`)];
    const transcript = await machine.write(TRANSCRIPT, whole + half.slice(0, -60));

    const begun = await sync();
    const again = await sync();
    const sent = await archiveOf(server);
    await appendFile(transcript, half.slice(-60));
    const ended = await sync();

    expect(begun).toMatchObject({
      sessions: { created: 1 },
      notes: [expect.stringContaining("not whole yet")],
    });
    expect(again).toMatchObject({ sessions: { unchanged: 1 }, notes: begun.notes });
    expect(sent).toBe(whole);
    expect(ended).toMatchObject({ sessions: { appended: 1 }, notes: [] });
    expect(await archiveOf(server)).toBe(whole + line("password=[redacted:github]"));
  });

  it("sends a last line that nobody ended for a day", async () => {
    await using scene = await fixture();
    const { server, machine, sync } = scene;
    const text = `${line("whole")}{"type":"user","token":"${CANARY}","cont`;
    const transcript = await machine.write(TRANSCRIPT, text);
    await sync();
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(transcript, yesterday, yesterday);

    const { sessions, notes } = await sync();

    expect({ sessions, notes }).toMatchObject({ sessions: { appended: 1 }, notes: [] });
    expect(await archiveOf(server)).toBe(text.replace(CANARY, "[redacted:github]"));
  });

  it("reads compressed transcripts", async () => {
    await using scene = await fixture();
    const { server, machine, sync } = scene;
    const folder = join(TRANSCRIPTS, "codex/compressed");
    const name = (await readdir(folder, { recursive: true })).find((each) => each.endsWith(".zst")) ?? "";
    const recorded = zstdDecompressSync(await readFile(join(folder, name))).toString("utf8");
    const planted = `${recorded}${JSON.stringify({ type: "note", payload: `TOKEN=${CANARY}` })}\n`;
    await machine.write(join(".codex/sessions", name), zstdCompressSync(planted));

    await sync();
    const [entry] = await sessionsOf(server);
    const archive = await archiveOf(server, entry?.workspace_id, entry?.session_id);

    expect(basename(name)).toContain(entry?.session_id);
    expect(archive).toBe(planted.replace(CANARY, "[redacted:github]"));
  });

  it("takes a private key out of a knowledge file and keeps its lines", async () => {
    await using scene = await fixture();
    const { server, machine, sync } = scene;
    const key = ["-----BEGIN PRIVATE KEY-----", KEY_BODY, KEY_BODY, "-----END PRIVATE KEY-----"].join("\n");
    await machine.write("shop/CLAUDE.md", `# Shop\n\n${key}\n\nüber all\n`);
    await machine.run(["init-manifest", "--project", "shop", "--cwd", machine.path("shop")]);

    const first = await sync();
    const again = await sync();

    expect(first.knowledge).toMatchObject({ created: 1 });
    expect(again).toMatchObject({ knowledge: { unchanged: 1 }, bytes_sent: 0 });
    const stored = await server.api(`workspaces/${WORKSPACE}/knowledge/CLAUDE.md`);
    expect(await stored.text()).toBe("# Shop\n\n[redacted:pem]\n[...]\n[...]\n[...]\n\nüber all\n");
    expect(await filesWith(server, KEY_BODY.slice(0, 30))).toEqual([]);
  });

  it.each(["SessionEnd", "SubagentStop", "PreCompact"])(
    "is done for what the hook sends at %s",
    async (event) => {
      await using scene = await fixture();
      const { server, machine } = scene;
      const transcript = await machine.write(TRANSCRIPT, line(`one ${CANARY}`));
      const payload = { session_id: SESSION_ID, transcript_path: transcript, hook_event_name: event };

      const { code } = await machine.run(["claude-hook"], { stdin: JSON.stringify(payload) });
      await vi.waitFor(async () => expect(await sessionsOf(server)).toHaveLength(1), { timeout: 20_000 });

      expect(code).toBe(0);
      expect(await archiveOf(server)).toBe(line("one [redacted:github]"));
    },
  );
});

describe("a hook", () => {
  it("loads nothing of the redaction", () => {
    const paths = globSync("{contract,disk,client}/**/*.ts", { cwd: ROOT });
    const sources = new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const));

    const loaded = [...loadedBy(["client/hooks/hook.ts", "client/sync/up-to-date-sync.ts"], sources)];

    expect(loaded.length).toBeGreaterThan(10);
    expect(loaded.filter((path) => path.includes("redact"))).toEqual([]);
  });
});

/** Every run of six characters of a secret that stands in a text. */
function sharedWith(text: string, secret: string): string[] {
  return Array.from({ length: secret.length - 5 }, (_, at) => secret.slice(at, at + 6)).filter((part) =>
    text.includes(part),
  );
}
