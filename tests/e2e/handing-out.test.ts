import { spawn } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { rendered } from "../../server/handing-out/render.ts";
import { hostClient } from "../support/hosted-client.ts";
import { HttpEdge } from "../support/http-edge.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { finished } from "../support/run-program.ts";
import { startServer } from "../support/server.ts";

const FILES = [
  "/install.sh",
  "/install.ps1",
  "/memory-sync.mjs",
  "/memory-sync.mjs.sha256",
  "/memory-proxy.mjs",
  "/memory-proxy.mjs.sha256",
];

describe("what the server hands out", () => {
  beforeAll(buildBundle);

  it("is its own client, with its digest and version, to whoever has no token yet", async () => {
    await using server = await startServer();

    const [shell, powerShell, bundle, digest] = await Promise.all(
      FILES.map((path) => fetch(server.url + path)),
    );
    const bytes = Buffer.from((await bundle?.arrayBuffer()) ?? new ArrayBuffer());
    const expected = sha256(bytes);
    const script = (await shell?.text()) ?? "";

    expect(bytes.subarray(0, 19).toString()).toBe("#!/usr/bin/env node");
    expect(await digest?.text()).toBe(`${expected}  memory-sync.mjs\n`);
    for (const text of [script, await powerShell?.text()]) {
      expect(text).toContain(`'${server.url}'`);
      expect(text).toContain(`'${expected}'`);
      expect(text).not.toMatch(/@(URL|SHA256|VERSION)@/);
    }
    expect([shell, powerShell, bundle, digest].map((answer) => answer?.headers.get("content-type"))).toEqual([
      "text/x-shellscript; charset=utf-8",
      "text/plain; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/plain; charset=utf-8",
    ]);
  });

  it("is the proxy too, with its digest", async () => {
    await using server = await startServer();

    const [proxy, digest] = await Promise.all(FILES.slice(4).map((path) => fetch(server.url + path)));
    const bytes = Buffer.from((await proxy?.arrayBuffer()) ?? new ArrayBuffer());

    expect(bytes.subarray(0, 19).toString()).toBe("#!/usr/bin/env node");
    expect(await digest?.text()).toBe(`${sha256(bytes)}  memory-proxy.mjs\n`);
  });

  it("names the address its owner gave", async () => {
    await using server = await startServer({ env: { PUBLIC_URL: "https://memory.example/shared/" } });

    const script = await (await fetch(`${server.url}/install.sh`)).text();

    expect(script).toContain("server_url='https://memory.example/shared'");
  });
});

describe("the routes of the client's files", () => {
  it("answer GET and HEAD, and say which file they are in the log", async () => {
    await using edge = await hostClient();

    for (const path of FILES) {
      const got = await edge.ask(path);
      const head = await edge.ask(path, { method: "HEAD" });
      const post = await edge.ask(path, { method: "POST" });

      expect([got.status, head.status, post.status], path).toEqual([200, 200, 405]);
      expect(head.headers["content-length"]).toBe(String(got.text.length));
      expect(head.text).toBe("");
    }
    expect(new Set(edge.log.map(({ route }) => route))).toEqual(new Set(FILES));
  });

  it.each(["/memory-sync.mjs", "/memory-proxy.mjs"])("do not send %s again to who has it", async (path) => {
    await using edge = await hostClient();
    const { headers } = await edge.ask(path);

    const again = await edge.ask(path, { headers: { "if-none-match": headers.etag } });

    expect(again).toMatchObject({ status: 304, text: "" });
  });

  it("cannot be made to name an address of others", async () => {
    await using edge = await hostClient();

    const host = await edge.ask("/install.sh", { headers: { host: "evil.example" } });
    const page = await edge.ask("/install.sh", { headers: { origin: "https://evil.example" } });

    expect([host.status, page.status]).toEqual([403, 403]);
  });

  it("say what is missing when the client is not built", async () => {
    await using edge = await HttpEdge.start();

    for (const path of FILES.slice(2)) {
      const { status, json } = await edge.ask(path);

      expect(status).toBe(404);
      expect(json).toMatchObject({ error: { hint: expect.stringContaining("npm ci && npm run build") } });
    }
    const powerShell = await edge.ask("/install.ps1");
    expect(powerShell.status).toBe(200);
    expect(powerShell.text).toMatch(/^throw '[^'\n]*npm ci && npm run build[^'\n]*'\n$/);
  });

  it("say that of the proxy alone where only the client is built", async () => {
    await using edge = await hostClient((files) => ({ ...files, proxy: undefined }));

    const answers = await Promise.all(FILES.slice(2).map((path) => edge.ask(path)));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404]);
  });

  it("say it to the person who pasted the line, and make the line fail", async () => {
    await using edge = await HttpEdge.start({ config: { publicUrl: undefined } });
    const line = `curl -fsSL http://127.0.0.1:${edge.port}/install.sh | bash -s -- --join fmjo_x`;

    const { code, stdout, stderr } = await finished(spawn("bash", ["-c", line], { stdio: "pipe" }));

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(
      "This server has no client to hand out: it is not built. In the folder of the server: npm ci",
    );
  });
});

describe("an address in a script", () => {
  const fill = (url: string) => rendered("@URL@ @SHA256@ @VERSION@", { url, sha256: "d", version: "1" });

  it.each(["http://127.0.0.1:8000", "https://memory.example", "http://[::1]:7443", "https://a.b/c/d-e_f"])(
    "may be %s",
    (url) => {
      expect(fill(url)).toBe(`${url} d 1`);
    },
  );

  it.each([
    "https://a'b",
    'https://a"b',
    "https://a$(id)",
    "https://a`id`",
    "https://a b",
    "https://a\nb",
    "https://a;b",
    "https://user:secret@a",
    "ftp://a",
    "https://a/../b?c",
    "",
  ])("may not be %j", (url) => {
    expect(() => fill(url)).toThrow("cannot be written into a script");
  });
});
