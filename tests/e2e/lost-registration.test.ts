import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { SessionPage, SyncRegistration } from "../../contract/wire.ts";
import { listenOnLoopback } from "../support/fake-model/loopback.ts";
import { Machine } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const LINE = `${JSON.stringify({ type: "user", sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp: "2026-11-21T06:00:00.000Z", message: { role: "user", content: "hello" } })}\n`;
const SHOP = { machine: "laptop", tool: "claude-code", project: "shop" };
const OFFER = `fmwt_${"a".repeat(43)}`;

const HOP_BY_HOP = new Set(["host", "connection", "content-length", "transfer-encoding"]);

it("leaves the workspace to the machine that registered it and never had the answer", async () => {
  await using server = await startServer();
  await using edge = await losing(server);
  await using machine = await Machine.create({
    SYNC_TOKEN: server.tokens.sync,
    MCP_MEMORY_URL: `${edge.url}/mcp`,
  });
  await machine.write(".memory-sync/config.json", JSON.stringify({ machine: "laptop" }));
  await machine.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);

  const first = await machine.run(["sync"]);
  const second = await machine.run(["sync", "--retry"]);

  expect(first.code).not.toBe(0);
  expect(edge.lost).toBe(1);
  expect(second).toMatchObject({ code: 0, stderr: "" });
  const page = SessionPage.parse(await (await server.api("sessions")).json());
  expect(page.entries).toMatchObject([{ session_id: SESSION_ID, workspace_id: "laptop-claude-code-shop" }]);
  const held = JSON.parse(await readFile(machine.path(".memory-sync/credentials.json"), "utf8"));
  expect(Object.keys(held)).toEqual(["write_tokens"]);
});

it("keeps no offer that was refused, and takes no workspace of another machine", async () => {
  await using server = await startServer();
  const { writeToken } = await server.register(SHOP);
  await using machine = await Machine.create({
    SYNC_TOKEN: server.tokens.sync,
    MCP_MEMORY_URL: `${server.url}/mcp`,
  });
  await machine.write(".memory-sync/config.json", JSON.stringify({ machine: "laptop" }));
  await machine.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);

  const refused = await machine.run(["sync"]);

  expect(writeToken).not.toBe("");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("registered already, with another write token");
  const held = JSON.parse(await readFile(machine.path(".memory-sync/credentials.json"), "utf8"));
  expect(held).toEqual({ write_tokens: {} });
});

it("gives a workspace back to its machine on a server that was restored from before it, by a recheck", async () => {
  await using machine = await Machine.create();
  await machine.write(`.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`, LINE);
  const syncWith = async (server: TestServer, ...options: string[]) => {
    const settings = { machine: "laptop", url: "http://127.0.0.1:1" };
    await machine.write(".memory-sync/config.json", JSON.stringify(settings));
    machine.env["SYNC_TOKEN"] = server.tokens.sync;
    machine.env["MCP_MEMORY_URL"] = server.url;
    return machine.run(["sync", ...options]);
  };
  const port = await freePort();
  await using first = await startServer({ env: { PORT: port } });
  await syncWith(first);
  await first[Symbol.asyncDispose]();

  await using restored = await startServer({ env: { PORT: port } });
  const rechecked = await syncWith(restored, "--recheck");

  expect(rechecked).toMatchObject({ code: 0, stderr: "" });
  const page = SessionPage.parse(await (await restored.api("sessions")).json());
  expect(page.entries).toMatchObject([{ session_id: SESSION_ID }]);
});

it("takes the write token that a client offers, again and again, and makes its own for anything weaker", async () => {
  await using server = await startServer();

  const first = await register(server, SHOP, OFFER);
  const again = await register(server, SHOP, OFFER);
  const other = await register(server, SHOP, `${OFFER}b`);
  const weak = await register(server, { ...SHOP, project: "weak" }, "fmwt_short");

  expect(first).toMatchObject({ status: 201, body: { write_token: OFFER } });
  expect(again).toEqual({
    status: 200,
    body: { workspace_id: "laptop-claude-code-shop", created: false },
  });
  expect(other.status).toBe(409);
  expect(SyncRegistration.parse(weak.body).write_token).toMatch(/^fmwt_[\w-]{43}$/);
});

/** A port that nobody listens on just now. */
async function freePort(): Promise<string> {
  const { url, close } = await listenOnLoopback(createServer());
  await close();
  return new URL(url).port;
}

async function register(server: TestServer, name: typeof SHOP, offer: string) {
  const response = await server.api("workspaces", {
    method: "POST",
    token: server.tokens.sync,
    headers: { "content-type": "application/json", "x-workspace-token": offer },
    body: JSON.stringify(name),
  });
  return { status: response.status, body: await response.json() };
}

/** What stands between a machine and the server, and loses the answer to its first registration. */
async function losing(server: TestServer) {
  const edge = { url: "", lost: 0 };
  const { url, close } = await listenOnLoopback(
    createServer((request, response) => {
      void (async () => {
        const { method, headers, url: path = "/" } = request;
        const body = Buffer.concat(await request.toArray());
        const sent = Object.entries(headers).flatMap(([name, value]) =>
          typeof value === "string" && !HOP_BY_HOP.has(name) ? [[name, value] as const] : [],
        );
        const answer = await fetch(`${server.url}${path}`, {
          method: method ?? "GET",
          headers: Object.fromEntries(sent),
          ...(body.length > 0 && { body }),
        });
        if (method === "POST" && path.endsWith("/workspaces") && edge.lost === 0) {
          edge.lost += 1;
          response.destroy();
          return;
        }
        response.statusCode = answer.status;
        response.setHeader("content-type", answer.headers.get("content-type") ?? "application/json");
        response.end(Buffer.from(await answer.arrayBuffer()));
      })();
    }),
  );
  edge.url = url;
  return Object.assign(edge, { [Symbol.asyncDispose]: close });
}
