import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { pairsOf } from "../../proxy/http/headers.ts";
import { upstreamOf } from "../support/fake-upstream.ts";
import { ADVERTISED, ask, errorOf, proxyBefore, valuesIn } from "../support/proxy-lab.ts";

const KEY = "sk-ant-canary-0123456789";

describe("requests", () => {
  it("CP-5: says of its health ok, whoever asks", async () => {
    await using proxy = await proxyBefore("http://127.0.0.1:9", {
      PROXY_SECRET: "a secret of sixteen".replaceAll(" ", "-"),
    });

    const { status, body } = await ask(proxy.url, "/health");

    expect([status, body.toString()]).toEqual([200, "ok"]);
    expect(proxy.log).toEqual([]);
  });

  it("CP-6: go to the API's address, its path in front, with their query as it is", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(`${upstream.url}/gateway/`);

    await ask(proxy.url, "/v1/messages?beta=true&a=%2F%20", { body: "{}" });
    await ask(proxy.url, "/v1/models?limit=1");

    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /gateway/v1/messages?beta=true&a=%2F%20",
      "GET /gateway/v1/models?limit=1",
    ]);
    expect(upstream.seen[0]?.headers.host).toBe(new URL(upstream.url).host);
  });

  it("CP 4.2: count_tokens is renamed too, and other routes pass", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);

    await ask(proxy.url, "/v1/messages/count_tokens", { body: ADVERTISED });
    await ask(proxy.url, "/v1/messages/batches", { body: ADVERTISED });

    expect(upstream.seen.map(({ body }) => body.toString())).toEqual([
      '{"stream":true,"tools":[{"type":"memory_20250818","name":"memory","cache_control":{"type":"ephemeral"}}]}',
      ADVERTISED,
    ]);
  });

  it.each(["[]", '"x"', "{", "", "null"])("CP 4.2: with the body %s are 400", async (body) => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { method: "POST", body });

    expect(errorOf(answer).slice(0, 2)).toEqual([400, "invalid_request_error"]);
    expect(upstream.seen).toEqual([]);
  });

  const long = `/v1/${"a/".repeat(100)}..${"/..".repeat(100)}/admin`;
  it.each(["/", "/v1", "/v1/../admin", "/v1/%2e%2e/admin", "//v1/messages", "/messages", long])(
    "outside /v1/ are 404: %s",
    async (path) => {
      await using upstream = await upstreamOf();
      await using proxy = await proxyBefore(upstream.url);

      const answer = await ask(proxy.url, path);

      expect(errorOf(answer).slice(0, 2)).toEqual([404, "not_found_error"]);
      expect(upstream.seen).toEqual([]);
    },
  );

  it("CP-7: keep all headers, their order, case and number, but what is of the connection", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);
    const headers = {
      "X-Api-Key": KEY,
      Connection: "x-mine, keep-alive, x-api-key",
      "X-Mine": "1",
      "Anthropic-Version": "2023-06-01",
      "Proxy-Authorization": "Basic x",
      TE: "trailers",
      Expect: "100-continue",
      "X-Twice": ["a", "b"],
      "Accept-Encoding": "gzip",
    };

    await ask(proxy.url, "/v1/messages", { headers, body: "{}" });

    expect(pairsOf(upstream.seen[0]?.rawHeaders ?? [])).toEqual([
      ["host", new URL(upstream.url).host],
      ["X-Api-Key", KEY],
      ["Anthropic-Version", "2023-06-01"],
      ["X-Twice", "a"],
      ["X-Twice", "b"],
      ["Accept-Encoding", "gzip"],
      ["content-length", "2"],
      ["Connection", "keep-alive"],
    ]);
  });

  it.each([
    ["CP 3.1: added when absent", {}, ["context-management-2025-06-27"]],
    ["CP 3.1: kept with others", { "anthropic-beta": "b, a" }, ["a, b, context-management-2025-06-27"]],
    [
      "CP 3.1: one header of any case",
      { "Anthropic-Beta": ["z", "a"] },
      ["a, context-management-2025-06-27, z"],
    ],
    [
      "left when it is there",
      { "anthropic-beta": "z,context-management-2025-06-27" },
      ["z,context-management-2025-06-27"],
    ],
  ])("with the tool have their betas %s", async (_, headers, expected) => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);

    await ask(proxy.url, "/v1/messages", { headers, body: ADVERTISED });

    expect(valuesIn(upstream.seen[0]?.rawHeaders ?? [], "anthropic-beta")).toEqual(expected);
    expect(upstream.seen[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("without the tool, or without a beta to add, keep theirs", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);
    await using plain = await proxyBefore(upstream.url, { ANTHROPIC_BETA: "" });
    const headers = { "anthropic-beta": "b,a", "accept-encoding": "br" };

    await ask(proxy.url, "/v1/messages", { headers, body: "{}" });
    await ask(plain.url, "/v1/messages", { headers, body: ADVERTISED });

    expect(upstream.seen.map(({ headers }) => headers["anthropic-beta"])).toEqual(["b,a", "b,a"]);
    expect(upstream.seen[0]?.headers["accept-encoding"]).toBe("br");
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("encoded with %s are renamed, and stay as they are where nothing is", async (encoding, encode) => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);
    const headers = { "content-encoding": encoding };
    const plain = encode("{}");

    await ask(proxy.url, "/v1/messages", { headers, body: encode(ADVERTISED) });
    await ask(proxy.url, "/v1/messages", { headers, body: plain });

    expect(upstream.seen[0]?.body.toString()).toContain('"name":"memory"');
    expect(upstream.seen[0]?.headers).not.toHaveProperty("content-encoding");
    expect(upstream.seen[1]).toMatchObject({ body: plain, headers: { "content-encoding": encoding } });
  });

  it("that cannot be held or undone are refused in the API's own shape", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url);
    const bomb = gzipSync(Buffer.alloc(LIMITS.proxy.bodyBytes + 1, " "));
    const post = (headers: Record<string, string>, body: string | Buffer) =>
      ask(proxy.url, "/v1/messages", { headers, body });

    const answers = await Promise.all([
      post({}, Buffer.alloc(LIMITS.proxy.bodyBytes + 1, " ")),
      post({ "content-encoding": "gzip" }, bomb),
      post({ "content-encoding": "gzip" }, "{}"),
      post({ "content-encoding": "zstd" }, "{}"),
    ]);

    expect(answers.map(errorOf).map(([status, type]) => `${status} ${type}`)).toEqual([
      "413 request_too_large",
      "413 request_too_large",
      "400 invalid_request_error",
      "400 invalid_request_error",
    ]);
    expect(upstream.seen).toEqual([]);
  });

  it("CP 4.2: need the secret where one is set, which goes no further", async () => {
    await using upstream = await upstreamOf();
    await using proxy = await proxyBefore(upstream.url, { PROXY_SECRET: "correct-horse-battery" });
    const asked = (secret: string) =>
      ask(proxy.url, "/v1/messages", { headers: { "X-Memory-Proxy-Secret": secret }, body: "{}" });

    const right = await asked("correct-horse-battery");
    const wrong = await asked("correct-horse-batterx");
    const none = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(right.status).toBe(200);
    expect([wrong, none].map(errorOf).map(([status, type]) => `${status} ${type}`)).toEqual([
      "401 authentication_error",
      "401 authentication_error",
    ]);
    expect(upstream.seen.map(({ headers }) => headers["x-memory-proxy-secret"])).toEqual([undefined]);
  });
});
