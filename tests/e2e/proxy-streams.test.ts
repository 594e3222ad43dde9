import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { FakeUpstream, rawUpstream } from "../support/fake-upstream.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { ADVERTISED, answerTo, ask, opened, proxyBefore, ProxyProgram, TOOL } from "../support/proxy-lab.ts";

const START = event("content_block_start", {
  index: 0,
  content_block: { type: "tool_use", id: "toolu_01", name: "memory", input: {} },
});
const STOP = event("message_stop", {});
const SSE = { "content-type": "text/event-stream; charset=utf-8" };
const MIB = 2 ** 20;

beforeAll(buildBundle);

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function back(text: string): string {
  return text.replaceAll('"name":"memory"', `"name":"${TOOL}"`);
}

/** The head of a streamed answer to a request that offers the tool. */
async function streamed(url: string, body = ADVERTISED): Promise<IncomingMessage> {
  const request = opened(url, "/v1/messages");
  request.end(body);
  return answerTo(request);
}

async function next(response: IncomingMessage): Promise<string> {
  const [chunk] = await once(response, "data");
  return String(chunk);
}

describe("a stream", () => {
  it("goes on event by event while the model thinks, its head before the first one", async () => {
    const go = Promise.withResolvers<void>();
    const more = Promise.withResolvers<void>();
    await using upstream = await FakeUpstream.start(async (_, response) => {
      response.writeHead(200, SSE).flushHeaders();
      await go.promise;
      response.write(START);
      await more.promise;
      response.end(STOP);
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await streamed(proxy.url);
    go.resolve();
    const first = await next(answer);
    more.resolve();
    const rest = await next(answer);

    expect([first, rest]).toEqual([back(START), STOP]);
  });

  it("CP 4.2: framed with CR LF is neither held back nor left as it is", async () => {
    const crlf = START.replaceAll("\n", "\r\n");
    const more = Promise.withResolvers<void>();
    await using upstream = await FakeUpstream.start(async (_, response) => {
      response.writeHead(200, SSE).write(crlf);
      await more.promise;
      response.end();
    });
    await using proxy = await proxyBefore(upstream.url);

    const first = await next(await streamed(proxy.url));
    more.resolve();

    expect(first).toBe(back(crlf));
  });

  it("CP 4.2: keeps request-id, retry-after and the rate limits", async () => {
    const headers = {
      "request-id": "req_1",
      "retry-after": "3",
      "anthropic-ratelimit-tokens-remaining": "9",
    };
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, { ...SSE, ...headers }).end(START);
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(answer.headers).toMatchObject({ ...SSE, ...headers });
    expect(answer.body.toString()).toBe(back(START));
  });

  it("that is encoded all the same is renamed as it comes", async () => {
    const more = Promise.withResolvers<void>();
    await using upstream = await FakeUpstream.start(async (_, response) => {
      const whole = gzipSync(START + STOP);
      response.writeHead(200, { ...SSE, "content-encoding": "gzip" }).write(whole.subarray(0, -8));
      await more.promise;
      response.end(whole.subarray(-8));
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await streamed(proxy.url);
    const first = await next(answer);
    more.resolve();

    expect(answer.headers).not.toHaveProperty("content-encoding");
    expect(back(START) + STOP).toContain(first);
    expect(first).toContain(TOOL);
  });

  it("is byte for byte the API's where no tool was offered", async () => {
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, SSE).end(START);
    });
    await using proxy = await proxyBefore(upstream.url);

    const answer = await ask(proxy.url, "/v1/messages", { body: '{"stream":true}' });

    expect(answer.body.toString()).toBe(START);
  });
});

describe("a client that goes", () => {
  it("before an answer began ends the request to the API", async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    await using upstream = await FakeUpstream.start((_, response) => arrived.resolve(response));
    await using proxy = await proxyBefore(upstream.url);
    const request = opened(proxy.url, "/v1/messages");
    request.on("error", () => undefined).end("{}");
    const response = await arrived.promise;

    request.destroy();
    await once(response, "close");

    expect(response.writableFinished).toBe(false);
  });

  it.each([ADVERTISED, "{}"])("in the middle of a stream ends it at the API: %s", async (body) => {
    const arrived = Promise.withResolvers<ServerResponse>();
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, SSE).write(START);
      arrived.resolve(response);
    });
    await using proxy = await proxyBefore(upstream.url);
    const answer = await streamed(proxy.url, body);
    answer.on("error", () => undefined);
    const response = await arrived.promise;

    answer.destroy();
    await once(response, "close");

    expect(response.writableFinished).toBe(false);
    expect(await loggedCut(proxy.log)).toBe(true);
  });

  it("in the middle of an upload ends that too", async () => {
    await using upstream = await rawUpstream(() => undefined);
    await using proxy = await proxyBefore(upstream.url);
    const request = opened(proxy.url, "/v1/files", { headers: { "content-length": "100" } });
    request.on("error", () => undefined).write("some");
    while (upstream.connections.length === 0) await wait(5);
    const [connection] = upstream.connections;

    request.destroy();
    await once(connection?.resume() ?? request, "close");

    expect(connection?.destroyed).toBe(true);
  });

  it("in the middle of a request that is read whole leaves nothing behind", async () => {
    await using upstream = await FakeUpstream.start((_, response) => void response.end("{}"));
    await using proxy = await proxyBefore(upstream.url);
    const request = opened(proxy.url, "/v1/messages", { headers: { "content-length": "100" } });
    request.on("error", () => undefined).write("{");
    await wait(50);

    request.destroy();
    const other = await ask(proxy.url, "/v1/messages", { body: "{}" });

    expect(other.status).toBe(200);
    expect(upstream.seen.length).toBe(1);
  });
});

/** Logged when the exchange is over, which the API may hear of first. */
async function loggedCut(log: readonly string[]): Promise<boolean> {
  while (!log.some((line) => line.includes("Forwarding"))) await wait(5);
  return log.some((line) => line.includes('"cut":true'));
}

describe("an API that breaks off", () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

  it.each([
    ["chunks, looked through", `${head}transfer-encoding: chunked\r\n\r\n${chunk(START)}`, ADVERTISED],
    ["chunks, passed on", `${head}transfer-encoding: chunked\r\n\r\n${chunk(START)}`, "{}"],
    ["a length, looked through", `${head}content-length: 999\r\n\r\n${START}`, ADVERTISED],
    ["a length, passed on", `${head}content-length: 999\r\n\r\n${START}`, "{}"],
  ])("is an error for the client, not an end: %s", async (_, bytes, body) => {
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () => socket.end(bytes));
    });
    await using proxy = await proxyBefore(upstream.url);

    const broken = ask(proxy.url, "/v1/messages", { body });

    await expect(broken).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it("is an error too when what broke off was gzip", async () => {
    await using upstream = await FakeUpstream.start((_, response) => {
      const half = gzipSync(START + STOP).subarray(0, -12);
      response.writeHead(200, { ...SSE, "content-encoding": "gzip" }).end(half);
    });
    await using proxy = await proxyBefore(upstream.url);

    const broken = ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    await expect(broken).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it("is an error for HTTP/1.0, which knows no chunks", async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () => socket.end(`${head}transfer-encoding: chunked\r\n\r\n${chunk(START)}`));
    });
    await using proxy = await proxyBefore(upstream.url);
    const { hostname, port } = new URL(proxy.url);
    const socket = connect(Number(port), hostname);

    socket.write("POST /v1/messages HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}");

    await expect(buffer(socket)).rejects.toThrow("ECONNRESET");
  });

  it("by falling silent is cut", async () => {
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, SSE).write(START);
    });
    await using proxy = await proxyBefore(upstream.url, {}, { connectMs: 5000, answerMs: 5000, idleMs: 50 });

    const silent = ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    await expect(silent).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });
});

describe("a client that reads slowly", () => {
  it("is no silence of the API, however long it takes", async () => {
    const part = Buffer.alloc(8 * MIB, "x");
    await using upstream = await FakeUpstream.start((_, response) => {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(part);
    });
    await using proxy = await proxyBefore(upstream.url, {}, { connectMs: 5000, answerMs: 5000, idleMs: 500 });

    const answer = await streamed(proxy.url, "{}");
    await wait(1500);
    const body = Buffer.concat(await answer.toArray());

    expect(body.equals(part)).toBe(true);
  });
});

describe("an upload", () => {
  const LENGTH = { headers: { "content-length": String(8 * MIB) } };

  it("comes out as it went in, with a length or in chunks", async () => {
    await using upstream = await FakeUpstream.start((_, response) => void response.end("{}"));
    await using proxy = await proxyBefore(upstream.url);
    const body = Buffer.alloc(MIB, "some bytes of a file");

    await ask(proxy.url, "/v1/files", { body, headers: { "content-length": String(MIB) } });
    await ask(proxy.url, "/v1/files", { body, headers: { "transfer-encoding": "chunked" } });

    expect(upstream.seen.map(({ body: arrived }) => arrived.equals(body))).toEqual([true, true]);
    expect(upstream.seen.map(({ headers }) => headers["content-length"])).toEqual([String(MIB), undefined]);
  });

  it("to an API that is not there is told so", async () => {
    await using gone = await rawUpstream(() => undefined);
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    await using proxy = await proxyBefore(url);
    const request = opened(proxy.url, "/v1/files", LENGTH);
    request.write(Buffer.alloc(MIB));

    const answer = await answerTo(request);

    expect(answer.statusCode).toBe(502);
    request.on("error", () => undefined).destroy();
  });

  it("that the API refuses before it is whole is told why", async () => {
    const refusal = "HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno";
    await using upstream = await rawUpstream((socket) => {
      socket.once("data", () => socket.end(refusal));
    });
    await using proxy = await proxyBefore(upstream.url);
    const request = opened(proxy.url, "/v1/files", LENGTH);
    request.on("error", () => undefined).write(Buffer.alloc(64));

    const answer = await answerTo(request);
    const body = Buffer.concat(await answer.toArray()).toString();

    expect([answer.statusCode, body]).toEqual([413, "no"]);
    request.destroy();
  });
});

describe("memory", () => {
  const SIZE = 200 * MIB;
  const GROWTH = 32 * MIB;
  const STOPPED_MS = 2000;

  it.each([ADVERTISED, "{}"])("does not grow while a client does not read: %s", async (body) => {
    const line = event("content_block_delta", { delta: { type: "text_delta", text: "x".repeat(60_000) } });
    await using upstream = await FakeUpstream.start(async (_, response) => {
      response.writeHead(200, SSE);
      for (let sent = 0; sent < SIZE; sent += line.length)
        if (!response.write(line)) await once(response, "drain");
      response.end();
    });
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url });
    await ask(proxy.url, "/health");
    const before = proxy.rssBytes;

    const answer = await streamed(proxy.url, body);
    await wait(STOPPED_MS);
    const stopped = proxy.rssBytes;
    let size = 0;
    for await (const piece of answer) size += piece.length;

    expect(size).toBeGreaterThanOrEqual(SIZE);
    expect(stopped - before).toBeLessThan(GROWTH);
  });

  it("does not grow while the API does not read", async () => {
    await using upstream = await rawUpstream((socket) => void socket.pause());
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url });
    const before = proxy.rssBytes;

    const request = opened(proxy.url, "/v1/files", { headers: { "content-length": String(SIZE) } });
    request.on("error", () => undefined);
    const piece = Buffer.alloc(MIB);
    const until = performance.now() + STOPPED_MS;
    while (performance.now() < until) {
      if (request.writableLength > 4 * MIB) await wait(20);
      else request.write(piece);
    }

    expect(proxy.rssBytes - before).toBeLessThan(GROWTH);
    request.destroy();
  });
});
