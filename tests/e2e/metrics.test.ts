import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, METHODS, request as httpRequest, type ClientRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { ROUTES } from "../../server/http/router.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { call } from "../support/answers.ts";
import { childEnv } from "../support/child-env.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { indexSettled } from "../support/index-status.ts";
import { Machine } from "../support/memory-sync.ts";
import { finished } from "../support/run-program.ts";
import { METRICS_TOKEN, scrape, type Scrape } from "../support/scrape.ts";
import { startServer, type ServerOptions, type TestServer } from "../support/server.ts";
import { tool } from "../support/tool.ts";

const PROMTOOL = tool("promtool", "prometheus");
const JSON_TYPE = { "content-type": "application/json" };
const NAME = { machine: "laptop", tool: "codex", project: "canary-shop" };
const NOTE = "# Notes\nthe canary-text of a file\n";
const LINE = '{"type":"user","message":{"role":"user","content":"canary-text said"}}\n';

function watched(options: ServerOptions = {}): Promise<TestServer> {
  return startServer({ ...options, env: { METRICS_TOKEN, ...options.env } });
}

/** Requests of one machine: a workspace, a file three times, a session and its tail. */
async function feed(server: TestServer): Promise<string> {
  const { id, writeToken } = await server.register(NAME);
  const put = (
    path: string,
    body: string,
    more: { method?: string; headers?: Record<string, string> } = {},
  ) =>
    server.api(`workspaces/${id}/${path}`, {
      method: "PUT",
      token: server.tokens.sync,
      ...more,
      headers: { "x-workspace-token": writeToken, ...more.headers },
      body,
    });
  for (const content of [NOTE, NOTE, `${NOTE}more\n`])
    expect((await put("knowledge/canary/path.md", content)).ok).toBe(true);
  expect((await put("sessions/canary-session", LINE)).status).toBe(201);
  const tail = { method: "PATCH", headers: { "upload-offset": String(LINE.length) } };
  expect((await put("sessions/canary-session", LINE, tail)).status).toBe(200);
  expect((await put("sessions/canary-session", LINE, tail)).status).toBe(409);
  return writeToken;
}

/** What is counted once the answers' connections are over, too. */
async function grown(server: TestServer, before: Scrape, wanted: Record<string, number>): Promise<void> {
  await vi.waitFor(async () => {
    expect((await scrape(server)).since(before)).toMatchObject(wanted);
  });
}

async function adminToken(server: TestServer): Promise<string> {
  return (await readLocalAdmin(server.root))?.token ?? "";
}

async function namedToken(server: TestServer, wish: object): Promise<string> {
  const made = await server.api("admin/tokens", {
    method: "POST",
    token: await adminToken(server),
    headers: JSON_TYPE,
    body: JSON.stringify({ name: "named", ...wish }),
  });
  return z.object({ secret: z.string() }).parse(await made.json()).secret;
}

describe("what /metrics counts", () => {
  it("is each request by its route, and each upload by how it ended and its bytes", async () => {
    await using server = await watched();
    const before = await scrape(server);

    await feed(server);

    const route = "/api/v1/workspaces/:workspace_id";
    await grown(server, before, {
      'federated_memory_http_requests_total{method="POST",route="/api/v1/workspaces",status="201"}': 1,
      [`federated_memory_http_requests_total{method="PUT",route="${route}/knowledge/*path",status="201"}`]: 1,
      [`federated_memory_http_requests_total{method="PUT",route="${route}/knowledge/*path",status="200"}`]: 2,
      [`federated_memory_http_requests_total{method="PATCH",route="${route}/sessions/:session_id",status="409"}`]: 1,
      [`federated_memory_http_request_seconds_count{route="${route}/sessions/:session_id"}`]: 3,
      'federated_memory_uploads_total{kind="knowledge",status="created"}': 1,
      'federated_memory_uploads_total{kind="knowledge",status="unchanged"}': 1,
      'federated_memory_uploads_total{kind="knowledge",status="updated"}': 1,
      'federated_memory_uploads_total{kind="session",status="created"}': 1,
      'federated_memory_uploads_total{kind="session",status="appended"}': 1,
      'federated_memory_uploads_total{kind="session",status="refused"}': 1,
      'federated_memory_upload_bytes_total{kind="knowledge"}': 3 * NOTE.length + "more\n".length,
    });
    const bytes = (await scrape(server)).since(before);
    const sessionBytes = bytes['federated_memory_upload_bytes_total{kind="session"}'];
    expect([2 * LINE.length, 3 * LINE.length]).toContain(sessionBytes);
    expect(bytes["federated_memory_fsync_seconds_count"]).toBeGreaterThan(5);
    expect(bytes["federated_memory_fsync_failures_total"]).toBeUndefined();
  });

  it("is each search by kind, mode and legs, whether it came over HTTP or MCP", async () => {
    await using server = await watched();
    await feed(server);
    await indexSettled(server.root);
    const ai = await server.connectAi();
    const before = await scrape(server);

    await server.api("search/knowledge?query=canary-text&mode=literal");
    await call(ai, "search_knowledge", { query: "canary-text", mode: "literal" });
    await call(ai, "search_sessions", { query: "canary-text" });
    await server.api("search/sessions?query=(&mode=regex");

    await grown(server, before, {
      'federated_memory_searches_total{kind="knowledge",mode="literal",outcome="complete"}': 2,
      'federated_memory_searches_total{kind="session",mode="ranked",outcome="complete"}': 1,
      'federated_memory_searches_total{kind="session",mode="regex",outcome="refused"}': 1,
      'federated_memory_search_seconds_count{kind="knowledge",mode="literal",leg="all"}': 2,
      'federated_memory_search_seconds_count{kind="knowledge",mode="literal",leg="grams"}': 2,
      'federated_memory_search_seconds_count{kind="session",mode="ranked",leg="words"}': 1,
    });
    const now = await scrape(server);
    expect(now.text).not.toContain('federated_memory_search_seconds_count{kind="session",mode="regex"');
  });

  it("is every byte that came and went", async () => {
    await using server = await watched();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await scrape(server);
    let [sent, received] = [0, 0];

    // What of a refused body comes after the answer counts with the connection's next request.
    for (const body of ["x".repeat(10), "y".repeat(300_000), ""]) {
      const asked = httpRequest(`${server.url}/nowhere`, { method: "PUT", agent });
      asked.end(body);
      const [answer] = await once(asked, "response");
      await once(answer.resume(), "end");
      sent = asked.socket?.bytesWritten ?? 0;
      received = asked.socket?.bytesRead ?? 0;
    }
    agent.destroy();

    await vi.waitFor(async () => {
      const bytes = (await scrape(server)).since(before);
      // The scrapes count too: a few hundred bytes in, and their own text out.
      const [came = 0, went = 0] = ["in", "out"].map(
        (direction) => bytes[`federated_memory_http_bytes_total{direction="${direction}"}`] ?? 0,
      );
      expect(came).toBeGreaterThanOrEqual(sent);
      expect(came).toBeLessThan(sent + 10_000);
      expect(went).toBeGreaterThanOrEqual(received + before.text.length);
    });
  });

  it("is who was not recognised, and who asked too often", async () => {
    await using server = await watched({ rate: { failuresPerMinute: 2, requestsPerMinute: 3 } });
    const before = await scrape(server, await adminToken(server));
    const ask = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await fetch(`${server.url}/api/v1/whoami`, { headers })).status;
    };

    const statuses = [await ask(), await ask("Bearer")];
    for (let count = 0; count < 3; count += 1) statuses.push(await ask("Bearer wrong-canary-token"));
    const join = await server.api("join", { method: "POST", token: "fmjo_wrongcanary0123456789" });
    for (let count = 0; count < 4; count += 1) statuses.push(await ask(`Bearer ${server.tokens.ai}`));

    expect([...statuses, join.status]).toEqual([401, 401, 401, 401, 429, 200, 200, 200, 429, 429]);
    const counts = (await scrape(server)).since(before);
    expect(counts).toMatchObject({
      'federated_memory_auth_failures_total{reason="missing"}': 1,
      'federated_memory_auth_failures_total{reason="malformed"}': 1,
      'federated_memory_auth_failures_total{reason="token"}': 3,
      'federated_memory_auth_failures_total{reason="join_code"}': 1,
      'federated_memory_rate_limited_total{what="auth_failures"}': 2,
      'federated_memory_rate_limited_total{what="requests"}': 1,
    });
  });

  it("is who waits for a turn now, and who left", async () => {
    await using server = await watched();
    const { id, writeToken } = await server.register(NAME);
    const before = await scrape(server);
    const open = (session: number): ClientRequest => {
      const headers = {
        authorization: `Bearer ${server.tokens.sync}`,
        "x-workspace-token": writeToken,
        "transfer-encoding": "chunked",
      };
      const url = `${server.url}/api/v1/workspaces/${id}/sessions/s${session}`;
      const asked = httpRequest(url, { method: "PUT", headers });
      asked.on("error", () => {});
      asked.write(LINE);
      return asked;
    };

    const uploads = [1, 2, 3, 4, 5].map(open);

    await vi.waitFor(async () => {
      expect((await scrape(server)).series.get("federated_memory_uploads_waiting")).toBe(1);
    });
    for (const upload of uploads) upload.destroy();
    await grown(server, before, { 'federated_memory_uploads_total{kind="session",status="aborted"}': 5 });
    expect((await scrape(server)).series.get("federated_memory_uploads_waiting")).toBe(0);
  });

  it("is how it stands with the index, the disk and the process", async () => {
    await using server = await watched();
    await feed(server);
    await indexSettled(server.root);

    const { series } = await scrape(server);

    expect(Object.fromEntries(series)).toMatchObject({
      'federated_memory_index_documents{kind="knowledge",state="indexed"}': 1,
      'federated_memory_index_documents{kind="session",state="indexed"}': 1,
      'federated_memory_index_documents{kind="session",state="pending"}': 0,
      federated_memory_index_oldest_pending_seconds: 0,
      federated_memory_index_stopped: 0,
      federated_memory_write_stopped: 0,
    });
    for (const name of ["federated_memory_disk_free_bytes", "process_resident_memory_bytes"])
      expect(series.get(name)).toBeGreaterThan(1e6);
    expect(series.get("process_start_time_seconds")).toBeCloseTo(performance.timeOrigin / 1000, 0);
  });
});

describe("the text of /metrics", () => {
  let used: Scrape;
  let planted: string[];

  beforeAll(async () => {
    await using server = await watched();
    planted = [await feed(server), METRICS_TOKEN, ...Object.values(server.tokens), await adminToken(server)];
    await server.api("search/sessions?query=canary-text");
    await server.api("workspaces/laptop-codex-canary-shop/knowledge/canary/path.md");
    await server.api("canary-nowhere?canary=1");
    await report(
      server,
      server.tokens.sync,
      "version=1.0.0; machine=laptop; waiting=1; set_aside=0; oldest_s=5",
    );
    await scrape(server);
    await sleep(50);
    used = await scrape(server);
  });

  it.skipIf(PROMTOOL === undefined)("is what Prometheus' own checker finds no fault with", async () => {
    const checker = spawn(PROMTOOL ?? "", ["check", "metrics"], { env: childEnv({}), stdio: "pipe" });

    const { code, stdout, stderr } = await finished(checker, used.text);

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("holds no token, no workspace, no path, no query and no text", () => {
    expect(used.series.size).toBeGreaterThan(100);
    expect(planted.every((secret) => secret.length > 8)).toBe(true);
    for (const secret of [...planted, "canary", "codex"]) expect(used.text).not.toContain(secret);
  });

  it("does not grow with what strangers send", { timeout: 120_000 }, async () => {
    await using server = await watched({ rate: { failuresPerMinute: 1e9, requestsPerMinute: 1e9 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const round = (number: number) => oddRequests(server, agent, number);
    for (let number = 0; number < 2; number += 1) await Promise.all(round(number));
    await scrape(server);
    const before = await scrape(server);
    let requests = 0;

    for (let number = 2; requests < 10_000; number += 1)
      requests += (await Promise.all(round(number))).length;
    agent.destroy();

    const after = await scrape(server);
    expect([...after.series.keys()]).toEqual([...before.series.keys()]);
    expect(after.text.length).toBeLessThan(before.text.length + 10_000);
  });
});

/** Every method Node takes, on paths, hosts, tokens, headers and machines that never come twice. */
function oddRequests(server: TestServer, agent: Agent, number: number): Promise<number | undefined>[] {
  const paths = [
    `odd${number}`,
    `api/v1/odd/${number}`,
    `api/v1/workspaces/odd-${number}-x`,
    `metrics?odd=${number}`,
  ];
  const headers = [
    {},
    { authorization: `Bearer odd-token-${number}` },
    { authorization: `Bearer ${server.tokens.ai}`, "x-memory-sync": `version=1; machine=odd${number}` },
    { host: `odd${number}.example` },
  ];
  return METHODS.filter((method) => method !== "CONNECT").flatMap((method) =>
    paths.flatMap((path) =>
      headers.map((each) => statusOf(`${server.url}/${path}`, { method, headers: each, agent })),
    ),
  );
}

async function statusOf(url: string, options: object): Promise<number | undefined> {
  const asked = httpRequest(url, options).end();
  const [answer] = await once(asked, "response");
  await once(answer.resume(), "end");
  return answer.statusCode;
}

async function report(server: TestServer, token: string, text: string): Promise<void> {
  const answer = await server.api("whoami", { token, headers: { "x-memory-sync": text } });
  expect(answer.status).toBe(200);
}

describe("who may see /metrics", () => {
  it("is asked before anything else, and only admin and metrics tokens pass", async () => {
    await using server = await watched();
    const named = await namedToken(server, { role: "metrics" });
    const tokens = ["", "wrong-token", server.tokens.ai, server.tokens.sync];
    const ask = async (token: string, method = "GET") => {
      const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`${server.url}/metrics`, { method, headers });
      return { status: answer.status, text: await answer.text() };
    };

    const refused = await Promise.all(tokens.map((token) => ask(token)));
    const passed = await Promise.all(
      [METRICS_TOKEN, named, await adminToken(server)].map((token) => ask(token)),
    );
    const others = await Promise.all([ask("", "POST"), ask(named, "POST"), ask(named, "HEAD")]);

    expect(refused.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
    for (const { text } of refused) expect(text).not.toContain("federated_memory_");
    expect(passed.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(others.map(({ status }) => status)).toEqual([401, 405, 200]);
    expect(named).toMatch(/^fmme_/);
  });

  it("may do nothing else with a metrics token, but ask whose it is", async () => {
    await using server = await watched();
    const token = await namedToken(server, { role: "metrics" });
    const headers = { authorization: `Bearer ${token}`, ...JSON_TYPE };
    const allowed: string[] = [];

    for (const { method, path } of ROUTES) {
      const url = `${server.url}${path.replaceAll(/[:*]\w+/g, "laptop-codex-x")}`;
      const status = await statusOf(url, { method: method.toUpperCase(), headers });
      if (status !== 403) allowed.push(`${method} ${path} ${status}`);
    }
    const rpc = await statusOf(`${server.url}/mcp`, { method: "POST", headers });

    expect(allowed).toEqual(["get /api/v1/whoami 200"]);
    expect(rpc).toBe(403);
  });
});

describe("what machines say of their outbox", () => {
  const REPORT = "version=0.1.0; machine=laptop; waiting=3; set_aside=1; oldest_s=5400";

  it("is shown by machine, as it was said last", async () => {
    await using server = await watched();
    const token = await namedToken(server, { role: "sync", workspaces: ["laptop-*"] });
    await report(server, token, "version=0.0.9; machine=laptop; waiting=99; set_aside=0; oldest_s=1");

    await report(server, token, REPORT);

    const { series } = await scrape(server);
    expect(Object.fromEntries(series)).toMatchObject({
      'federated_memory_client_info{machine="laptop",version="0.1.0"}': 1,
      'federated_memory_client_outbox_jobs{machine="laptop",state="waiting"}': 3,
      'federated_memory_client_outbox_jobs{machine="laptop",state="set_aside"}': 1,
      'federated_memory_client_outbox_oldest_seconds{machine="laptop"}': 5400,
    });
    expect([...series.keys()].filter((key) => key.includes("client_info"))).toHaveLength(1);
    const seen = series.get('federated_memory_client_seen_timestamp_seconds{machine="laptop"}') ?? 0;
    expect(Math.abs(Date.now() / 1000 - seen)).toBeLessThan(60);
  });

  it("counts for nothing when the token may not write for that machine, or a byte of it is odd", async () => {
    await using server = await watched();
    const own = await namedToken(server, { role: "sync", workspaces: ["laptop-*"] });
    const part = await namedToken(server, { role: "sync", workspaces: ["laptop-codex-*"] });
    const read = await namedToken(server, { role: "sync", workspaces: ["*"], writes: ["desktop-*"] });
    const odd = [
      REPORT.replace("laptop", "desktop"),
      REPORT.replace("laptop", "Laptop"),
      REPORT.replace("laptop", "lap%74op-"),
      REPORT.replace("laptop", "%zz"),
      REPORT.replace("laptop", `laptop${"x".repeat(300)}`),
      REPORT.replace("waiting=3", "waiting=-3"),
      REPORT.replace("waiting=3", "waiting=1e9"),
      REPORT.replace("0.1.0", 'v"\\'),
      `${REPORT}; more=1`,
      "",
    ];

    for (const text of odd) await report(server, own, text);
    for (const token of [part, read, server.tokens.ai]) await report(server, token, REPORT);

    expect((await scrape(server)).text).not.toContain("machine=");
  });

  it("takes a name in any script", async () => {
    await using server = await watched();
    const machine = "日本".repeat(10);

    await report(server, server.tokens.sync, REPORT.replace("laptop", encodeURIComponent(machine)));

    expect((await scrape(server)).text).toContain(`oldest_seconds{machine="${machine}"} 5400`);
  });

  it("is kept of the thousand machines that were heard last", async () => {
    await using server = await watched();
    for (let count = 0; count <= 1000; count += 1) {
      if (count === 999) await report(server, server.tokens.sync, REPORT.replace("laptop", "m0"));
      await report(server, server.tokens.sync, REPORT.replace("laptop", `m${count}`));
    }

    const { text } = await scrape(server);

    expect(text.match(/^federated_memory_client_info/gm)).toHaveLength(1000);
    expect(text).toContain('machine="m0"');
    expect(text).not.toContain('machine="m1"');
  });

  it("is true after a sync that failed, and after the one that did not", async () => {
    await using server = await watched();
    await using proxy = await CountingProxy.start(server.url);
    await using machine = await Machine.create({
      MCP_MEMORY_URL: `${proxy.url}/mcp`,
      SYNC_TOKEN: server.tokens.sync,
    });
    await machine.write(".memory-sync/config.json", JSON.stringify({ machine: "Work Laptop" }));
    await machine.write("shop/CLAUDE.md", NOTE);
    await machine.run(["init-manifest", "--project", "shop", "--cwd", machine.path("shop")]);
    const waiting = async () => {
      const { series } = await scrape(server);
      return series.get('federated_memory_client_outbox_jobs{machine="work-laptop",state="waiting"}');
    };
    proxy.intervene = ({ method }) => (method === "PUT" ? { status: 503, body: "" } : undefined);

    await machine.run(["sync"]);
    const afterFailure = await waiting();
    proxy.intervene = () => undefined;
    await machine.run(["sync", "--retry"]);
    const afterSuccess = await waiting();
    proxy.reset();
    await machine.run(["sync", "--retry"]);

    expect([afterFailure, afterSuccess]).toEqual([1, 0]);
    expect(proxy.passed).toEqual([]);
  });
});
