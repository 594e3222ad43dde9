import { spawn } from "node:child_process";
import { connect } from "node:http2";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { SyncRegistration } from "../../contract/wire.ts";
import { ask, from } from "../support/nginx-client.ts";
import { MemoryWatch } from "../support/memory-watch.ts";
import { Nginx } from "../support/nginx.ts";
import { finished } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

/** nginx itself, with the files that are installed, in front of our server. */

const NGINX = tool("nginx", "nginx");
const OPENSSL = tool("openssl", "openssl");
const MIB = 1024 * 1024;
const CANARY = "canary-4711-query";
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe.skipIf(NGINX === undefined || OPENSSL === undefined)("nginx before the real server", () => {
  const stack = new AsyncDisposableStack();
  let server: ServerProcess;
  let nginx: Nginx;

  beforeAll(async () => {
    const { path } = stack.use(await tempFolder());
    server = stack.use(
      await ServerProcess.start(path, { TRUST_PROXY: "true", PUBLIC_URL: "https://localhost:7443" }),
    );
    nginx = stack.use(
      await Nginx.start({ program: NGINX ?? "", serverPort: Number(new URL(server.url).port) }),
    );
  });
  afterAll(() => stack.disposeAsync());

  it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
    const tried = await Promise.all(["-tls1_3", "-tls1_2", "-tls1_1", "-tls1"].map(handshake));

    expect(tried).toEqual(["TLSv1.3", "TLSv1.2", "none", "none"]);
  });

  it("speaks HTTP/2 to who can", async () => {
    const session = connect(`https://localhost:${nginx.httpsPort}`, { ca: nginx.certificate });
    const stream = session.request({ ":path": "/readyz" });

    const answer = await text(stream);
    session.close();

    expect(answer).toBe('{"status":"ok"}');
  });

  it("passes answers on, with headers that protect, and keeps its version to itself", async () => {
    const { status, headers, text } = await ask(nginx, { path: "/readyz", headers: from() });

    expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      server: "nginx",
    });
  });

  it("tells our server who called, whatever the caller says", async () => {
    const headers = from({ "x-forwarded-for": "203.0.113.9", ...bearer("wrong-token-0123456789") });

    const { status } = await ask(nginx, { path: "/api/v1/whoami", headers });

    expect(status).toBe(401);
    // The answer may be here before the line of the log is.
    const line = `"event":"auth_failure","address":"${headers["x-test-address"]}"`;
    await expect.poll(() => server.output).toContain(line);
    expect(server.output).not.toContain("203.0.113.9");
  });

  it("logs who and what path, and never a query", async () => {
    const headers = from({ ...bearer(AI_TOKEN), referer: `https://localhost/?r=${CANARY}` });

    const { status } = await ask(nginx, { path: `/api/v1/search/sessions?query=${CANARY}`, headers });
    const [entry] = await nginx.logged("/api/v1/search/sessions", { lines: 1 });

    expect(status).toBe(200);
    expect(entry).toMatchObject({ address: headers["x-test-address"], method: "GET", status: "200" });
    expect(await nginx.logs()).not.toContain(CANARY);
    expect(server.output).not.toContain(CANARY);
  });

  it("leaves a body of the largest size to our server, and refuses one beyond it in our words", async () => {
    const put = (bytes: number) =>
      ask(nginx, {
        method: "PUT",
        path: "/api/v1/workspaces/none/knowledge/a.md",
        headers: { ...headers, "content-length": String(bytes) },
        body: Readable.from(chunks(bytes)),
      });
    const headers = from(bearer(SYNC_TOKEN));

    const atLimit = await put(5 * MIB);
    const beyond = await put(5 * MIB + 1);

    expect(atLimit.text).toContain("request_id");
    expect(beyond).toMatchObject({ status: 413, headers: { "content-type": "application/json" } });
    expect(JSON.parse(beyond.text)).toMatchObject({ error: { code: "too_large" } });
  });

  it("takes an archive of any size the server takes, and not a MiB more", async () => {
    const claim = (bytes: number) =>
      ask(nginx, {
        method: "PUT",
        path: "/api/v1/workspaces/none/sessions/s1",
        headers: { ...from(), "content-length": String(bytes) },
        body: Readable.from(chunks(MIB)),
      });

    const largest = await claim(LIMITS.sessions.rawBytes + MIB);
    const larger = await claim(LIMITS.sessions.rawBytes + MIB + 1);

    expect([largest.status, larger.status]).toEqual([401, 413]);
  });

  it(
    "streams an archive of 200 MB: neither side holds it, and none of it becomes a file",
    { timeout: 120_000 },
    async () => {
      const { id, writeToken } = await register(nginx);
      const headers = { ...bearer(SYNC_TOKEN), "x-workspace-token": writeToken };
      const upload = (name: string, bytes: number) => archive(nginx, { id, name, bytes, headers });
      // What the server keeps of a first large upload it needs only once.
      await upload("first", 64 * MIB);
      const watch = new MemoryWatch([nginx.pid, server.child.pid ?? 0], `${nginx.folder}/bodies`);

      const { status, text } = await upload("large", 200_000_000);
      const { grownBytes, files } = watch.end();

      expect({ status, text }).toMatchObject({ status: 201 });
      expect(JSON.parse(text).bytes).toBeGreaterThanOrEqual(200_000_000);
      expect(watch.looks).toBeGreaterThan(5);
      expect(files).toBe(0);
      expect(grownBytes[0]).toBeLessThan(64 * MIB);
      expect(grownBytes[1]).toBeLessThan(64 * MIB);
    },
  );

  it("convicts an nginx that takes a whole body before it passes it on", async () => {
    await using buffering = await Nginx.start({
      program: NGINX ?? "",
      serverPort: Number(new URL(server.url).port),
      change: (text) => text.replace("proxy_request_buffering off", "proxy_request_buffering on"),
    });
    const { id, writeToken } = await register(nginx, "another");
    const headers = { ...bearer(SYNC_TOKEN), "x-workspace-token": writeToken };
    const watch = new MemoryWatch([buffering.pid], `${buffering.folder}/bodies`);

    await archive(buffering, { id, name: "buffered", bytes: 50_000_000, headers });

    expect(watch.end().files).toBe(1);
  });

  async function handshake(version: string): Promise<string> {
    const args = [
      "s_client",
      "-connect",
      `127.0.0.1:${nginx.httpsPort}`,
      version,
      "-cipher",
      "ALL:@SECLEVEL=0",
    ];
    const { code, stdout } = await finished(spawn(OPENSSL ?? "", args, { stdio: "pipe" }));
    return code === 0
      ? (/Protocol *: (\S+)|^New, (TLSv1\.3)/m.exec(stdout)?.slice(1).find(Boolean) ?? "?")
      : "none";
  }
});

function archive(
  nginx: Nginx,
  { id, name, bytes, headers }: { id: string; name: string; bytes: number; headers: Record<string, string> },
) {
  return ask(nginx, {
    method: "PUT",
    path: `/api/v1/workspaces/${id}/sessions/${name}`,
    headers: from(headers),
    body: Readable.from(transcript(bytes)),
  });
}

async function register(nginx: Nginx, project = "webshop"): Promise<{ id: string; writeToken: string }> {
  const { text } = await ask(nginx, {
    method: "POST",
    path: "/api/v1/workspaces",
    headers: from({ ...bearer(SYNC_TOKEN), "content-type": "application/json" }),
    body: JSON.stringify({ machine: "laptop", tool: "claude-code", project }),
  });
  const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(JSON.parse(text));
  return { id, writeToken };
}

function* chunks(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += MIB) yield Buffer.alloc(Math.min(MIB, bytes - sent), "a");
}

function* transcript(bytes: number): Generator<Buffer> {
  const text = "what was learned about the cart test, said again and again ".repeat(15);
  for (let sent = 0, line = 0; sent < bytes; line += 1) {
    const part = Buffer.from(
      `{"type":"user","uuid":"${line}","message":{"role":"user","content":"${text}"}}\n`,
    );
    sent += part.length;
    yield part;
  }
}
