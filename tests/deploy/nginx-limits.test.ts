import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, from, open } from "../support/nginx-client.ts";
import { Nginx, portOf } from "../support/nginx.ts";
import { tool } from "../support/tool.ts";

/** What nginx itself sees to, in front of a server that holds or ends its answers as a test needs it. */

const NGINX = tool("nginx", "nginx");
const OPENSSL = tool("openssl", "openssl");
const CANARY = "canary-4711-query";

describe.skipIf(NGINX === undefined || OPENSSL === undefined)("nginx before any server", () => {
  const stack = new AsyncDisposableStack();
  let held: ServerResponse[] = [];
  let upstream: Server;
  let nginx: Nginx;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      response.setHeader("Content-Type", "text/event-stream");
      if (request.url === "/mcp") response.write("data: first\n\n");
      if (request.url === "/mcp" || request.url?.startsWith("/held") === true) held.push(response);
      else response.end("done");
    });
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    stack.defer(() => {
      upstream.closeAllConnections();
    });
    nginx = stack.use(await Nginx.start({ program: NGINX ?? "", serverPort: portOf(upstream.address()) }));
  });
  afterAll(() => stack.disposeAsync());

  it("hands an event on while the stream is still open", async () => {
    held = [];

    const stream = await open(nginx, { path: "/mcp", headers: from() });
    const [first] = await once(stream, "data");
    const stillOpen = held.map((response) => response.writableEnded);
    held[0]?.end("data: last\n\n");
    const [last] = await once(stream, "data");
    stream.resume();

    expect(String(first)).toBe("data: first\n\n");
    expect(stillOpen).toEqual([false]);
    expect(String(last)).toBe("data: last\n\n");
  });

  it("serves 30 requests of an address at once, and refuses the others of 101 in our words", async () => {
    held = [];
    const headers = from();
    const path = `/held?query=${CANARY}`;

    const asked = Array.from({ length: 101 }, () => ask(nginx, { path, headers }));
    const refusals = await nginx.logged("/held", { lines: 71 });
    while (held.length < 30) await delay(20);
    for (const response of held) response.end("late");
    const answers = await Promise.all(asked);
    const other = await ask(nginx, { path: "/other", headers });

    expect(new Set(refusals.map(({ status, connections }) => `${status} ${connections}`))).toEqual(
      new Set(["429 REJECTED"]),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(71);
    expect(refused[0]?.headers).toMatchObject({ "retry-after": "1", "x-content-type-options": "nosniff" });
    expect(JSON.parse(refused[0]?.text ?? "")).toMatchObject({ error: { code: "rate_limited" } });
    expect(other.status).toBe(200);
    expect(await nginx.logs()).not.toContain(CANARY);
  });

  it("slows one that asks without a pause down, without refusing anything", async () => {
    const headers = from();

    for (let batch = 0; batch < 4; batch += 1)
      await Promise.all(Array.from({ length: 25 }, () => ask(nginx, { path: "/steady", headers })));
    const entries = await nginx.logged("/steady", { lines: 100 });

    expect(new Set(entries.map(({ status }) => status))).toEqual(new Set(["200"]));
    expect(new Set(entries.map(({ rate }) => rate))).toEqual(new Set(["PASSED", "DELAYED"]));
  });

  it("refuses a burst beyond the share of an address, and nobody else", async () => {
    const headers = from();

    const answers = await Promise.all(
      Array.from({ length: 300 }, () => ask(nginx, { path: `/burst?query=${CANARY}`, headers })),
    );
    const entries = await nginx.logged("/burst", { lines: 300 });
    const other = await ask(nginx, { path: "/burst", headers: from() });

    expect(
      entries.filter(({ rate, status }) => rate === "REJECTED" && status === "429").length,
    ).toBeGreaterThan(40);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(other.status).toBe(200);
    expect(await nginx.logs()).not.toContain(CANARY);
  });

  it.each(["127.0.0.1", "::1", "10.1.2.3", "172.31.255.1", "192.168.7.7", "fd00::7", "fe80::1"])(
    "answers %s over plain HTTP",
    async (address) => {
      const headers = { "x-test-address": address };

      expect((await ask(nginx, { lan: true, path: "/", headers })).status).toBe(200);
    },
  );

  it.each(["8.8.8.8", "172.32.0.1", "100.64.0.1", "192.169.0.1", "2001:db8::1"])(
    "answers %s only over TLS",
    async (address) => {
      const headers = { "x-test-address": address };

      expect((await ask(nginx, { lan: true, path: "/", headers })).status).toBe(403);
      expect((await ask(nginx, { path: "/", headers })).status).toBe(200);
    },
  );

  it("says in our words, and in no log with the query, that the server is away", async () => {
    await using away = await Nginx.start({ program: NGINX ?? "", serverPort: 1 });

    const { status, headers, text } = await ask(away, { path: `/api?query=${CANARY}`, headers: from() });
    await away.logged("/api", { lines: 1 });

    expect(status).toBe(503);
    expect(headers).toMatchObject({ "content-type": "application/json", "retry-after": "5" });
    expect(JSON.parse(text)).toMatchObject({ error: { code: "unavailable" } });
    expect(await away.logs()).not.toContain(CANARY);
  });

  it("convicts an error log of the usual level: it quotes queries", async () => {
    await using talkative = await Nginx.start({
      program: NGINX ?? "",
      serverPort: 1,
      change: (text) => text.replace("error.log emerg", "error.log error"),
    });

    await ask(talkative, { path: `/api?query=${CANARY}`, headers: from() });
    await talkative.logged("/api", { lines: 1 });

    expect(await talkative.logs()).toContain(CANARY);
  });
});
