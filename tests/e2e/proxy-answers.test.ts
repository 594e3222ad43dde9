import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { readProxyConfig } from "../../proxy/config.ts";
import { FakeUpstream, rawUpstream, upstreamOf } from "../support/fake-upstream.ts";
import { ADVERTISED, ask, errorOf, proxyBefore, TOOL, valuesIn } from "../support/proxy-lab.ts";
import { tempFolder } from "../support/temp-folder.ts";

const CALL = { type: "tool_use", id: "toolu_01", name: "memory", input: { name: "memory" } };
const ANSWER = JSON.stringify({ type: "message", content: [CALL] });
const RENAMED = ANSWER.replace('"name":"memory","input"', `"name":"${TOOL}","input"`);
const KEY = "sk-ant-canary-0123456789";

describe("answers", () => {
  it("CP 4.2: one date, and nothing of the API's connection; every cookie as it was", async () => {
    const date = "Sat, 21 Nov 2026 06:00:00 GMT";
    await using upstream = await upstreamOf("{}", {
      headers: {
        Date: date,
        Connection: "X-Hop",
        "X-Hop": "1",
        "Set-Cookie": ["a=1", "b=2"],
        "Request-Id": "req_1",
      },
    });
    await using proxy = await proxyBefore(upstream.url);

    const { rawHeaders } = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(valuesIn(rawHeaders, "date")).toEqual([date]);
    expect(valuesIn(rawHeaders, "set-cookie")).toEqual(["a=1", "b=2"]);
    expect(valuesIn(rawHeaders, "connection")).toEqual(["close"]);
    expect(rawHeaders).toContain("Request-Id");
    expect(rawHeaders).not.toContain("X-Hop");
  });

  it("without a date get none of ours", async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    });
    await using proxy = await proxyBefore(upstream.url);

    const { rawHeaders } = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(valuesIn(rawHeaders, "date")).toEqual([]);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("CP 3.1: in JSON with %s are readable and say no content-encoding", async (encoding, encode) => {
    await using upstream = await upstreamOf(encode(ANSWER), { headers: { "content-encoding": encoding } });
    await using proxy = await proxyBefore(upstream.url);

    const { status, headers, body } = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect([status, body.toString()]).toEqual([200, RENAMED]);
    expect(headers).not.toHaveProperty("content-encoding");
    expect(headers["content-length"]).toBe(String(RENAMED.length));
  });

  it("CP 4.2: stay encoded, byte for byte, where nothing is to be renamed", async () => {
    const encoded = gzipSync(ANSWER);
    await using upstream = await upstreamOf(encoded, {
      headers: { "content-encoding": "gzip", "content-length": String(encoded.length) },
    });
    await using proxy = await proxyBefore(upstream.url);

    const { headers, body } = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(body).toEqual(encoded);
    expect(headers).toMatchObject({ "content-encoding": "gzip", "content-length": String(encoded.length) });
  });

  it("CP 4.2: of other types pass as they are", async () => {
    const bytes = Buffer.from([0xff, 0x00, ...Buffer.from('"name":"memory"')]);
    await using upstream = await upstreamOf(bytes, {
      headers: { "content-type": "application/octet-stream" },
    });
    await using proxy = await proxyBefore(upstream.url);

    const { body } = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(body).toEqual(bytes);
  });

  it.each([400, 404, 429, 500, 529])(
    "CP-6: of status %i pass, renamed, with what they say",
    async (status) => {
      await using upstream = await upstreamOf(ANSWER, {
        status,
        headers: { "retry-after": "7", "request-id": "req_1" },
      });
      await using proxy = await proxyBefore(upstream.url);

      const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

      expect(answer).toMatchObject({ status, headers: { "retry-after": "7", "request-id": "req_1" } });
      expect(answer.body.toString()).toBe(RENAMED);
    },
  );

  it("that break off before they are whole are 502, where nothing was sent on yet", async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}"),
      );
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(errorOf(answer)).toEqual([502, "api_error", "The API broke its answer off"]);
  });

  it.each([
    ["CP-6: no JSON", "<html>", {}],
    ["no gzip", "plain", { "content-encoding": "gzip" }],
    ["an unknown encoding", "x", { "content-encoding": "dcb" }],
  ])("that say what they are not are 502: %s", async (_, body, headers) => {
    await using upstream = await upstreamOf(body, { headers });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(errorOf(answer).slice(0, 2)).toEqual([502, "api_error"]);
  });

  it("without a body end as they are", async () => {
    await using upstream = await FakeUpstream.start((_, response) => void response.writeHead(204).end());
    await using proxy = await proxyBefore(upstream.url);

    const deleted = await ask(proxy.url, "/v1/files/1", { method: "DELETE" });
    const head = await ask(proxy.url, "/v1/models", { method: "HEAD" });
    const posted = await ask(proxy.url, "/v1/files/1/content", { method: "POST" });

    expect([deleted, head, posted].map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(upstream.seen[2]?.headers).toMatchObject({ "content-length": "0" });
  });

  it("bring their trailers", async () => {
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.addTrailers([["X-Sum", "1"]]);
      response.end("text");
    });
    await using proxy = await proxyBefore(upstream.url);

    const { body, trailers } = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect([body.toString(), trailers]).toEqual(["text", { "x-sum": "1" }]);
  });
});

describe("an API that fails", () => {
  it("is 502 when it is not there, without what was sent", async () => {
    await using gone = await upstreamOf();
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    await using proxy = await proxyBefore(url);

    const answer = await ask(proxy.url, "/v1/messages", { headers: { "x-api-key": KEY }, body: ADVERTISED });

    expect(errorOf(answer)).toEqual([
      502,
      "api_error",
      `memory-proxy cannot reach the API at ${new URL(url).host} (ECONNREFUSED): is this machine online, and UPSTREAM_API_URL right?`,
    ]);
  });

  it("is 504 when it does not answer", async () => {
    await using upstream = await rawUpstream(() => undefined);
    await using proxy = await proxyBefore(upstream.url, {}, { connectMs: 5000, answerMs: 50, idleMs: 5000 });

    const answer = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(errorOf(answer)).toEqual([504, "timeout_error", "The API is late: it is silent"]);
  });

  it("is 504 when it takes connections and does not shake hands", async () => {
    await using upstream = await rawUpstream(() => undefined);
    const url = upstream.url.replace("http:", "https:");
    await using proxy = await proxyBefore(url, {}, { connectMs: 50, answerMs: 5000, idleMs: 5000 });

    const answer = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(errorOf(answer)).toEqual([504, "timeout_error", "The API is late: no connection"]);
  });

  it("is 504 when it does not take what is sent", async () => {
    await using upstream = await rawUpstream((socket) => void socket.pause());
    await using proxy = await proxyBefore(upstream.url, {}, { connectMs: 5000, answerMs: 5000, idleMs: 50 });
    const body = JSON.stringify({ text: "x".repeat(16 * 2 ** 20) });

    const answer = await ask(proxy.url, "/v1/messages", { body });

    expect(errorOf(answer)).toEqual([
      504,
      "timeout_error",
      "The API is late: the request could not be sent on",
    ]);
  });

  it("is 502 when what it says is no HTTP", async () => {
    await using upstream = await rawUpstream((socket) => void socket.end("SSH-2.0-OpenSSH\r\n"));
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(errorOf(answer).slice(0, 2)).toEqual([502, "api_error"]);
  });

  it.each([
    ["/v1/messages", { body: "{}" }],
    ["/v1/models", {}],
  ])(
    "is asked once more over a new connection when it closed the one that was kept: %s",
    async (path, options) => {
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      await using upstream = await rawUpstream((socket, count) => {
        let asked = 0;
        socket.on("data", () => {
          asked += 1;
          if (count === 1 && asked === 2) socket.resetAndDestroy();
          else socket.write(answer);
        });
      });
      await using proxy = await proxyBefore(upstream.url);

      const first = await ask(proxy.url, "/v1/messages", { body: "{}" });
      const second = await ask(proxy.url, path, options);

      expect([first.status, second.status, upstream.connections.length]).toEqual([200, 200, 2]);
    },
  );

  it("is not asked again over a connection that was new", async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(answer.status).toBe(502);
    expect(upstream.connections.length).toBe(1);
  });
});

describe("the log", () => {
  it("CP-10: says of each request what it was, and no key, query, header or body", async () => {
    await using upstream = await upstreamOf(ANSWER);
    await using proxy = await proxyBefore(upstream.url, { PROXY_SECRET: "correct-horse-battery" });
    const headers = {
      "x-api-key": KEY,
      authorization: `Bearer ${KEY}`,
      "x-memory-proxy-secret": "correct-horse-battery",
    };

    await ask(proxy.url, `/v1/messages?key=${KEY}`, { headers, body: ADVERTISED });
    for (const body of [`{"${KEY}"`, KEY, `{"a": ${KEY}`, `{"a":1}${KEY}`])
      await ask(proxy.url, `/v1/messages?key=${KEY}`, { headers, body });
    for (const target of [`/nowhere?key=${KEY}`, `http://ann:${KEY}@localhost/v1/models`])
      await ask(proxy.url, target, { headers });
    const lines = proxy.log.map((line) => JSON.parse(line));

    expect(lines[0]).toEqual({
      level: "info",
      time: expect.any(String),
      msg: "Forwarding /v1/messages",
      stream: true,
      tools: [TOOL],
      renamed: 1,
      status: 200,
      first_byte_ms: expect.any(Number),
      ms: expect.any(Number),
      bytes: expect.any(Number),
    });
    // Messages of JSON.parse quote ten characters.
    expect(proxy.log.join("")).not.toContain("sk-ant");
    expect(proxy.log.join("")).not.toContain("correct-horse");
  });

  it("warns of a client whose own tool is called memory, and renames nothing", async () => {
    await using upstream = await upstreamOf(ANSWER);
    await using proxy = await proxyBefore(upstream.url);
    const body = JSON.stringify({ tools: [{ name: TOOL }, { name: "memory" }] });

    const answer = await ask(proxy.url, "/v1/messages", { body });

    expect([answer.body.toString(), upstream.seen[0]?.body.toString()]).toEqual([ANSWER, body]);
    expect(proxy.log.join("")).toContain('a tool of its own called \\"memory\\"');
  });
});

describe("patches of system prompts", () => {
  it("CP-9: a required one that is not found is 500, and its request is not sent", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "patches.json");
    await writeFile(
      path,
      JSON.stringify({ replacements: [{ find: "Old", replace: "New", required: true }] }),
    );
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url, { SYSTEM_PROMPT_PATCHES: path });
    const prompt = (text: string) => JSON.stringify({ system: [{ type: "text", text }] });

    const patched = await ask(proxy.url, "/v1/messages", { body: prompt("Old text") });
    const failed = await ask(proxy.url, "/v1/messages", { body: prompt("Other text") });
    const counted = await ask(proxy.url, "/v1/messages/count_tokens", { body: prompt("Other text") });

    expect([patched.status, counted.status]).toEqual([200, 200]);
    expect(errorOf(failed)).toEqual([500, "api_error", "Required system prompt patch failed: Old"]);
    expect(upstream.seen.map(({ body }) => body.toString())).toEqual([
      prompt("New text"),
      prompt("Other text"),
    ]);
  });

  it.each([
    ["missing", undefined, "is not there"],
    ["malformed", "{", "cannot be used"],
    ["too large", " ".repeat(LIMITS.proxy.patchesBytes + 1), "is too large"],
  ])("CP 3.1: a file that is %s is none", async (_, text, why) => {
    await using folder = await tempFolder();
    const path = join(folder.path, "patches.json");
    if (text !== undefined) await writeFile(path, text);

    const config = readProxyConfig({ SYSTEM_PROMPT_PATCHES: path });

    expect(config.patches).toEqual([]);
    expect(config.patchesFault).toContain(why);
  });
});
