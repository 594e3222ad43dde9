import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { beforeAll, describe, expect, it } from "vitest";
import { behindTls, OPENSSL } from "../support/behind-tls.ts";
import { listenOnLoopback } from "../support/fake-model/loopback.ts";
import { FakeUpstream } from "../support/fake-upstream.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { oldestNode } from "../support/oldest-node.ts";
import { ADVERTISED, answerTo, ask, opened, PROXY_BUNDLE, ProxyProgram, TOOL } from "../support/proxy-lab.ts";
import { runProgram } from "../support/run-program.ts";
import { spawnSync } from "node:child_process";

const EVENT = `data: {"type":"content_block_start","content_block":{"type":"tool_use","name":"memory","input":{}}}\n\n`;
const KEY = "sk-ant-canary-0123456789";
const old = oldestNode();

beforeAll(buildBundle);

function streaming(): Promise<FakeUpstream> {
  return FakeUpstream.start((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).end(EVENT);
  });
}

/** Someone else's proxy, which tunnels and remembers where to. */
async function tunnels(): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createServer();
  server.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    const { hostname, port } = new URL(`http://${request.url}`);
    const far = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    for (const side of [far, socket]) side.on("error", () => far.destroy());
  });
  const { url, close } = await listenOnLoopback(server);
  return { url, asked, [Symbol.asyncDispose]: close };
}

describe("memory-proxy", () => {
  it.each([
    [process.execPath, process.version],
    [old.path, old.version],
  ])("%s (%s): serves, streams and renames", async (node) => {
    await using upstream = await streaming();
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url }, node);

    const health = await ask(proxy.url, "/health");
    const first = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });
    const second = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });
    const code = await proxy.stop();

    expect([health.status, first.body.toString(), second.body.toString(), code]).toEqual([
      200,
      EVENT.replace('"memory"', `"${TOOL}"`),
      EVENT.replace('"memory"', `"${TOOL}"`),
      0,
    ]);
    expect(upstream.seen[0]?.body.toString()).toContain('"type":"memory_20250818"');
  });

  it("ends what runs before it ends, and takes nothing new", async () => {
    const end = Promise.withResolvers<void>();
    await using upstream = await FakeUpstream.start(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(EVENT);
      await end.promise;
      response.end(EVENT);
    });
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url });
    const request = opened(proxy.url, "/v1/messages");
    request.end("{}");
    const answer = await answerTo(request);

    const stopped = proxy.stop();
    while (await isOpen(proxy.url));
    end.resolve();
    const body = Buffer.concat(await answer.toArray()).toString();

    expect([body, await stopped]).toEqual([EVENT + EVENT, 0]);
  });

  it("does not start when its port is taken, or its environment is wrong", async () => {
    await using upstream = await streaming();
    const { port } = new URL(upstream.url);
    const run = (env: Record<string, string>) => runProgram([PROXY_BUNDLE], env);

    const taken = await run({ PROXY_PORT: port });
    const nowhere = await run({ PROXY_HOST: "no.host.invalid", PROXY_SECRET: "0123456789abcdef" });
    const wrong = await run({ PROXY_PORT: "x", LOG_LEVEL: "loud" });
    const proxied = await run({ HTTPS_PROXY: "nonsense", PROXY_PORT: "0" });

    expect([taken, wrong, proxied].map(({ code, stdout }) => [code, stdout])).toEqual([
      [1, ""],
      [2, ""],
      [2, ""],
    ]);
    expect(taken.stderr).toBe(
      `Port ${port} is already in use, perhaps by another memory-proxy: choose another with PROXY_PORT=…\n`,
    );
    expect(nowhere).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Cannot listen there \((ENOTFOUND|EAI_AGAIN)\): see PROXY_HOST and PROXY_PORT\n$/,
      ),
    });
    expect(wrong.stderr).toMatch(/^PROXY_PORT: .*\nLOG_LEVEL: .*\n$/);
    expect(proxied.stderr).toMatch(/^HTTPS_PROXY.*\n$/);
  });

  it("says what it is, and what it does not know", async () => {
    const run = (...args: string[]) => runProgram([PROXY_BUNDLE, ...args], {});

    const [help, version, unknown] = [await run("--help"), await run("--version"), await run("begin")];

    expect([help, version, unknown].map(({ code }) => code)).toEqual([0, 0, 2]);
    expect(help.stdout).toContain("ANTHROPIC_BASE_URL=http://127.0.0.1:15041");
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(unknown.stderr).toBe("Unknown: begin. See memory-proxy --help\n");
  });

  it.skipIf(OPENSSL === undefined)("asks an API over TLS, through the proxy that is set", async () => {
    await using upstream = await streaming();
    await using tls = await behindTls(upstream.url);
    await using tunnel = await tunnels();
    await using proxy = await ProxyProgram.start({
      UPSTREAM_API_URL: tls.url,
      NODE_EXTRA_CA_CERTS: tls.ca,
      HTTPS_PROXY: tunnel.url,
    });

    const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(answer.body.toString()).toContain(TOOL);
    expect(tunnel.asked).toEqual([new URL(tls.url).host]);
  });

  it.skipIf(OPENSSL === undefined)("trusts no certificate that nobody knows", async () => {
    await using upstream = await streaming();
    await using tls = await behindTls(upstream.url);
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: tls.url });

    const answer = await ask(proxy.url, "/v1/messages", { body: ADVERTISED });

    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toContain("CERT");
    expect(upstream.seen).toEqual([]);
  });

  it(`CP-15: does not start on Node ${old.version} when a proxy is set, which that would go round`, () => {
    const { status, stderr } = spawnSync(old.path, [PROXY_BUNDLE], {
      env: { HTTPS_PROXY: "http://127.0.0.1:1" },
      encoding: "utf8",
    });

    expect([status, stderr]).toEqual([
      2,
      `HTTPS_PROXY: Node ${old.version.slice(1)} cannot use proxies; take Node 24.5 (or 22.21) or later, or unset it\n`,
    ]);
  });
});

describe("memory-proxy probe", () => {
  it("CP-12: shows status and body of a request with the tool, a call and its result; never the key", async () => {
    await using upstream = await FakeUpstream.start(({ headers }, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ echo: headers["x-api-key"] }));
    });
    await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url });
    const env = { ANTHROPIC_BASE_URL: proxy.url, ANTHROPIC_API_KEY: KEY, CLAUDE_MODEL: "some-model" };

    const { code, stdout, stderr } = await runProgram([PROXY_BUNDLE, "probe"], env);

    const sent = upstream.seen[0]?.body.toString() ?? "";
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '200\n{"echo":"[key]"}\n', stderr: "" });
    expect(JSON.parse(sent)).toMatchObject({
      model: "some-model",
      tools: [{ type: "memory_20250818", name: "memory" }],
      messages: [
        {},
        { content: [{ type: "tool_use", name: "memory" }] },
        { content: [{ type: "tool_result" }] },
      ],
    });
    expect(proxy.output).not.toContain("canary");
  });

  it("says where nobody answers", async () => {
    const env = { ANTHROPIC_BASE_URL: "http://127.0.0.1:9", ANTHROPIC_API_KEY: KEY };

    const { code, stderr } = await runProgram([PROXY_BUNDLE, "probe"], env);

    expect(code).toBe(1);
    expect(stderr).toBe(
      "http://127.0.0.1:9 cannot be reached (ECONNREFUSED). Is memory-proxy running there? ANTHROPIC_BASE_URL names another address\n",
    );
  });
});

/** Whether new connections are taken. */
async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
