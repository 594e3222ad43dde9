import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { AppError, ERROR_CODES } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import type { ReadableWorkspace } from "../../server/access/workspace.ts";
import { STATUS } from "../../server/http/error-response.ts";
import { EDGE_TOKENS, HttpEdge } from "../support/http-edge.ts";

const LIST = "/api/v1/workspaces";
const SESSION = "/api/v1/workspaces/a-b-c/sessions/s1";
const KNOWLEDGE = "/api/v1/workspaces/a-b-c/knowledge/note.md";

function bearer(role: keyof typeof EDGE_TOKENS): { authorization: string } {
  return { authorization: `Bearer ${EDGE_TOKENS[role]}` };
}

function failure(code: string) {
  return {
    error: expect.objectContaining({ code, message: expect.any(String), request_id: expect.any(String) }),
  };
}

describe("authentication", () => {
  it("challenges without an error when no credentials came", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(LIST);

    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="federated-memory"');
    expect(answer.json).toEqual(failure("unauthenticated"));
    expect(answer.text).toContain(
      "claude mcp add --scope user --transport http memory http://127.0.0.1:8000/mcp --header",
    );
    expect(answer.text).toContain(
      "On a machine that memory-sync has set up: memory-sync test, or memory-sync doctor",
    );
  });

  it("tells who has no public URL the address that was asked", async () => {
    await using edge = await HttpEdge.start({ config: { publicUrl: undefined } });
    const headers = { host: "localhost:4711" };

    const unknown = await edge.ask("/register", { headers });
    const challenged = await edge.ask(LIST, { headers });
    const description = await edge.ask("/api/v1/openapi.json", { headers: { ...headers, ...bearer("ai") } });

    expect(unknown.text).toContain("memory http://localhost:4711/mcp ");
    expect(challenged.text).toContain("memory http://localhost:4711/mcp ");
    expect(description.json).toMatchObject({ servers: [{ url: "http://localhost:4711" }] });
  });

  it.each(["Basic YTpi", `Token ${EDGE_TOKENS.ai}`, `Bearer${EDGE_TOKENS.ai}`, ""])(
    "takes %j for no credentials",
    async (authorization) => {
      await using edge = await HttpEdge.start();

      const answer = await edge.ask(LIST, { headers: { authorization } });

      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).not.toContain("error=");
    },
  );

  it.each([
    "Bearer",
    "Bearer ",
    "Bearer undefined",
    `Bearer ${EDGE_TOKENS.ai}x`,
    `Bearer ${EDGE_TOKENS.ai.slice(0, -1)}`,
    `Bearer ${EDGE_TOKENS.ai.toUpperCase()}`,
    `Bearer "${EDGE_TOKENS.ai}"`,
    `Bearer ${EDGE_TOKENS.ai},${EDGE_TOKENS.ai}`,
    `Bearer ${EDGE_TOKENS.ai} ${EDGE_TOKENS.ai}`,
    "Bearer ' OR 1=1--",
  ])("says invalid_token to %j", async (authorization) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(LIST, { headers: { authorization } });

    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="federated-memory", error="invalid_token"');
  });

  it("says insufficient_scope, and the roles that would do, to a token of another role", async () => {
    await using edge = await HttpEdge.start();

    const admin = await edge.ask(LIST, { headers: bearer("admin") });
    const ai = await edge.ask("/api/v1/admin/tokens", { headers: bearer("ai") });

    expect(admin.status).toBe(403);
    expect(admin.headers["www-authenticate"]).toBe(
      'Bearer realm="federated-memory", error="insufficient_scope", scope="ai sync"',
    );
    expect(ai.headers["www-authenticate"]).toContain('scope="admin"');
    expect(ai.json).toEqual(failure("forbidden"));
  });

  it("answers before the body is sent (S3)", async () => {
    await using edge = await HttpEdge.start();
    const head = `PUT ${SESSION} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\nConnection: close\r\n`;

    const refused = await edge.exchange(`${head}Expect: 100-continue\r\n\r\n`);

    expect(refused).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("invites the body of who may send it", async () => {
    await using edge = await HttpEdge.start();
    const head = `PUT ${SESSION} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nConnection: close\r\n`;

    const accepted = await edge.exchange(
      `${head}Authorization: Bearer ${EDGE_TOKENS.sync}\r\nExpect: 100-continue\r\n\r\n{}`,
    );

    expect(accepted).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  it.each(["wrong-token-0123456789", "odd{token}!0123456789", "x"])(
    "counts %s as a guess",
    async (secret) => {
      await using edge = await HttpEdge.start({ rate: { failuresPerMinute: 1 } });
      const guess = () => edge.ask(LIST, { headers: { authorization: `Bearer ${secret}` } });

      const statuses = [(await guess()).status, (await guess()).status];

      expect(statuses).toEqual([401, 429]);
    },
  );

  it.each(["Authorization: Bearer other", "Host: 127.0.0.1", "X-Workspace-Token: a\r\nX-Workspace-Token: b"])(
    "refuses a header twice that counts once: %s",
    async (second) => {
      await using edge = await HttpEdge.start();
      const head = `GET ${LIST} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n`;

      const answer = await edge.exchange(
        `${head}Authorization: Bearer ${EDGE_TOKENS.ai}\r\n${second}\r\n\r\n`,
      );

      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  it("stops guesses of one address, but never a right token from there (B2)", async () => {
    await using edge = await HttpEdge.start();
    const guess = () => edge.ask(LIST, { headers: { authorization: "Bearer wrong-token-0123456789" } });

    const guesses = [];
    for (let tries = 0; tries <= LIMITS.rate.failuresPerMinute; tries++) guesses.push(await guess());
    const good = await edge.ask(LIST, { headers: bearer("ai") });

    expect(guesses.map(({ status }) => status)).toEqual([
      ...Array.from({ length: LIMITS.rate.failuresPerMinute }, () => 401),
      429,
    ]);
    expect(guesses.at(-1)?.json).toEqual(failure("rate_limited"));
    expect(Number(guesses.at(-1)?.headers["retry-after"])).toBeGreaterThan(0);
    expect(good.status).toBe(200);
  });

  it("does not take a client without a token for one that guesses", async () => {
    await using edge = await HttpEdge.start({ rate: { failuresPerMinute: 1 } });

    const statuses = [];
    for (let tries = 0; tries < 4; tries++) statuses.push((await edge.ask(LIST)).status);

    expect(statuses).toEqual([401, 401, 401, 401]);
  });

  it("limits the requests of one token, not those of another", async () => {
    await using edge = await HttpEdge.start({ rate: { requestsPerMinute: 2 } });
    const ask = (role: "ai" | "sync") => edge.ask(LIST, { headers: bearer(role) });

    const mine = [await ask("ai"), await ask("ai"), await ask("ai")];
    const other = await ask("sync");

    expect(mine.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(other.status).toBe(200);
  });
});

describe("the guards (S4)", () => {
  it.each(["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:1"])("let Host %s pass", async (host) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask("/healthz", { headers: { host } });

    expect(answer.status).toBe(200);
  });

  it.each(["evil.example", "127.0.0.1.nip.io", "0.0.0.0", "localhost.evil.example"])(
    "refuse Host %s",
    async (host) => {
      await using edge = await HttpEdge.start();

      const answer = await edge.ask("/healthz", { headers: { host } });

      expect(answer.status).toBe(403);
    },
  );

  it.each(["user@127.0.0.1", "127.0.0.1:99999", "127.0.0.1:", "a b"])(
    "refuse the malformed Host %j",
    async (host) => {
      await using edge = await HttpEdge.start();

      const answer = await edge.ask("/healthz", { headers: { host } });

      expect(answer.status).toBe(400);
    },
  );

  it.each(["http://localhost:5173", "https://localhost", "https://memory.example"])(
    "let Origin %s pass",
    async (origin) => {
      await using edge = await HttpEdge.start();

      const answer = await edge.ask("/healthz", { headers: { origin } });

      expect(answer.status).toBe(200);
    },
  );

  it.each([
    "null",
    "",
    "http://evil.example",
    "http://memory.example",
    "https://memory.example:8443",
    "http://localhost.evil.example",
    "http://evil.example#localhost",
    "file://",
    "chrome-extension://localhost",
  ])("refuse Origin %j on every route", async (origin) => {
    await using edge = await HttpEdge.start();

    const answers = await Promise.all(
      ["/healthz", "/mcp", LIST, "/nowhere"].map((path) =>
        edge.ask(path, { headers: { origin, ...bearer("ai") } }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(answers.every(({ headers }) => headers["access-control-allow-origin"] === undefined)).toBe(true);
  });

  it.each(["", "Host:\r\n", "Host: \r\n"])("refuse a request with the Host line %j", async (line) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.exchange(`GET /healthz HTTP/1.1\r\n${line}Connection: close\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each(["http://evil.example/healthz", "*", "healthz"])("refuse the request target %s", async (target) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.exchange(
      `OPTIONS ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain("<html");
  });

  it("take as many header lines as the limit says, and not one more", async () => {
    await using edge = await HttpEdge.start();
    const withLines = (count: number) =>
      edge.exchange(
        `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${"X-A: 1\r\n".repeat(count - 2)}\r\n`,
      );

    const [at, past, far] = await Promise.all([
      withLines(LIMITS.http.headLines),
      withLines(LIMITS.http.headLines + 1),
      withLines(LIMITS.http.headLines * 3),
    ]);

    expect(at).toMatch(/^HTTP\/1\.1 200 /);
    expect(past).toMatch(/^HTTP\/1\.1 431 /);
    expect(far).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("take a head within the limit, and none beyond", async () => {
    await using edge = await HttpEdge.start();
    const withBytes = (count: number) => edge.ask("/healthz", { headers: { "x-filler": "a".repeat(count) } });

    const within = await withBytes(LIMITS.http.headBytes - 500);
    const beyond = await withBytes(LIMITS.http.headBytes);

    expect(within.status).toBe(200);
    expect(beyond.status).toBe(431);
  });
});

describe("routes", () => {
  it.each([
    "/",
    "/nowhere",
    "/.well-known/oauth-protected-resource",
    "/.well-known/openid-configuration",
    "/mcp/x",
  ])("that do not exist (%s) say how to connect", async (path) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(path);

    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      error: "not_found",
      error_description: expect.stringContaining('--header "Authorization: Bearer TOKEN"'),
      request_id: expect.any(String),
    });
  });

  it("answer client registration with the same sentence", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask("/register", { method: "POST", body: "{}" });

    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({ error: "not_found" });
  });

  it("of the API that do not exist have the API's error", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask("/api/v1/nowhere");

    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(failure("not_found"));
  });

  it.each([
    [LIST, "PATCH", "GET, POST, HEAD, OPTIONS"],
    ["/api/v1/whoami", "DELETE", "GET, HEAD, OPTIONS"],
    [SESSION, "POST", "HEAD, GET, PUT, PATCH, OPTIONS"],
    ["/healthz", "POST", "GET, HEAD"],
  ])("%s answer %s with 405 and Allow", async (path, method, allow) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(path, { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.json).toEqual(failure("invalid_input"));
  });

  it("answer OPTIONS without inviting other origins", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(LIST, { method: "OPTIONS", headers: { origin: "http://localhost" } });

    expect(answer.status).toBe(204);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("answer HEAD where they answer GET", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(LIST, { method: "HEAD", headers: bearer("ai") });

    expect(answer).toMatchObject({ status: 200, text: "" });
  });

  it("carry the headers that keep browsers from misusing them", async () => {
    await using edge = await HttpEdge.start();

    const { headers } = await edge.ask(LIST, { headers: bearer("ai") });

    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it.each(["%", "%zz", "%E0%A4%A", "%ff", "a%00b", "..%2f..%2fetc", "%252e%252e/x"])(
    "refuse the knowledge path %s cleanly",
    async (path) => {
      await using edge = await HttpEdge.start();

      const answer = await edge.ask(`/api/v1/workspaces/a-b-c/knowledge/${path}`, {
        headers: bearer("sync"),
      });

      expect(answer.status).toBe(400);
      expect(answer.json).toEqual(failure("invalid_input"));
    },
  );

  it("name a parameter that is missing, and one that was probably meant", async () => {
    await using edge = await HttpEdge.start();

    const { status, text } = await edge.ask("/api/v1/search/sessions?querry=flaky", {
      headers: bearer("ai"),
    });

    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatchObject({
      message: 'query: missing; query: there is no "querry"',
      hint: 'Did you mean "query"?',
    });
  });

  it.each([
    ["?limit=0", "limit"],
    ["?limit=1e2", "limit"],
    ["?limit=501", "limit"],
    ["?nonsense=1", "nonsense"],
    ["?cursor=a&cursor=b", "cursor"],
    [`?cursor=${"a".repeat(LIMITS.answer.cursorBytes + 1)}`, "cursor"],
  ])("name what is wrong with the query %s", async (query, field) => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask(`${LIST}${query}`, { headers: bearer("ai") });

    expect(answer.status).toBe(400);
    expect(answer.text).toContain(field);
  });
});

describe("bodies", () => {
  const json = { "content-type": "application/json" };
  const post = (edge: HttpEdge, body: string | Buffer, headers: Record<string, string> = json) =>
    edge.ask("/mcp", { method: "POST", headers: { ...bearer("ai"), ...headers }, body });

  it("reach the MCP handler parsed", async () => {
    await using edge = await HttpEdge.start();

    const answer = await post(edge, '\ufeff{"jsonrpc":"2.0","id":1}');

    expect(answer.json).toEqual({ received: { jsonrpc: "2.0", id: 1 } });
  });

  it.each([
    ["nothing", ""],
    ["cut JSON", '{"a":'],
    ["two values", "{}{}"],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le")],
  ])("of %s are a JSON-RPC parse error", async (_, body) => {
    await using edge = await HttpEdge.start();

    const answer = await post(edge, body);

    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32_700 } });
  });

  it("too deep are refused before they are parsed", async () => {
    await using edge = await HttpEdge.start();

    const at = await post(edge, "[".repeat(LIMITS.json.depth) + "]".repeat(LIMITS.json.depth));
    const past = await post(edge, "[".repeat(LIMITS.json.depth + 1) + "]".repeat(LIMITS.json.depth + 1));

    expect(at.status).toBe(200);
    expect(past).toMatchObject({ status: 400, json: { error: { code: -32_600 } } });
  });

  it("of JSON are taken up to the limit, declared or not, and not one byte more", async () => {
    await using edge = await HttpEdge.start();
    const sized = (bytes: number) => Buffer.from(`"${"a".repeat(bytes - 2)}"`);

    const at = await post(edge, sized(LIMITS.json.bodyBytes));
    const past = await post(edge, sized(LIMITS.json.bodyBytes + 1), {
      ...json,
      "content-length": String(LIMITS.json.bodyBytes + 1),
    });
    const undeclared = await post(edge, sized(LIMITS.json.bodyBytes + 1), {
      ...json,
      "transfer-encoding": "chunked",
    });

    expect([at.status, past.status, undeclared.status]).toEqual([200, 413, 413]);
    expect(past.json).toMatchObject({ jsonrpc: "2.0", error: { code: 413, data: { code: "too_large" } } });
  });

  it.each([
    [{ "content-type": "text/plain" }],
    [{ "content-type": "text/plain; x=application/json" }],
    [{ "content-type": "" }],
    [{ ...json, "content-encoding": "gzip" }],
  ])("with %j are refused", async (headers) => {
    await using edge = await HttpEdge.start();

    const answer = await post(edge, "{}", headers);

    expect(answer.status).toBe(415);
  });

  it("of knowledge files are taken up to the limit and not one byte more", async () => {
    await using edge = await HttpEdge.start();
    const put = (bytes: number) =>
      edge.ask(KNOWLEDGE, { method: "PUT", headers: bearer("sync"), body: Buffer.alloc(bytes, "a") });

    const at = await put(LIMITS.knowledge.fileBytes);
    const past = await put(LIMITS.knowledge.fileBytes + 1);

    expect([at.status, past.status]).toEqual([201, 413]);
    expect(past.json).toEqual(failure("too_large"));
  });

  it("that break off leave the upload with an error, and no answer in the log", async () => {
    const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
    await using edge = await HttpEdge.start({
      upload: async ({ source }) => {
        try {
          for await (const _ of source) continue;
          resolve("complete");
        } catch (error) {
          resolve(error);
          throw error;
        }
      },
    });
    const head = `PUT ${SESSION} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${EDGE_TOKENS.sync}\r\n`;

    await edge.hangUpAfter(`${head}Content-Length: 100\r\n\r\n{"only":"a part"}`);

    expect(await outcome).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("a session that grows while it is asked for", () => {
  const before = '{"n":1}\n';
  const after = `${before}{"n":2}\n`;
  /** Finds one content after the other; notes the streams that are opened of them. */
  const growing = (...contents: string[]) => {
    const streams: Readable[] = [];
    const found = contents.values();
    const download: ReadableWorkspace["openSession"] = async (session_id) => {
      const content = found.next().value ?? "";
      return {
        entry: entryOf(session_id, content),
        async stream({ fromByte, toByte } = {}) {
          const wanted = content.slice(fromByte, toByte);
          const stream = Readable.from([Buffer.from(wanted)], { objectMode: false });
          streams.push(stream);
          return { sizeBytes: wanted.length, encoding: "identity", stream };
        },
      };
    };
    return { streams, download };
  };
  const entryOf = (session_id: string, content: string): SessionEntry => ({
    session_id,
    workspace_id: "a-b-c",
    tool: "codex",
    started: "2026-11-02T10:00:00.000Z",
    ended: "2026-11-02T10:00:00.000Z",
    lines: content.length / before.length,
    bytes: content.length,
    sha256: sha256(content),
    revision: 1,
    first_prompt: "",
  });
  const get = async (contents: string[], headers: Record<string, string>) => {
    const { streams, download } = growing(...contents);
    await using edge = await HttpEdge.start({ download });
    const answer = await edge.ask(SESSION, { headers: { ...bearer("sync"), ...headers } });
    return { ...answer, streams };
  };

  it("comes with the tag of the bytes that are sent", async () => {
    const answer = await get([before, after], {});

    expect(answer).toMatchObject({ status: 200, text: before, headers: { etag: `"${sha256(before)}"` } });
  });

  it("comes in part when the part is of what the tag names", async () => {
    const answer = await get([after, after], { range: "bytes=-8" });

    expect(answer).toMatchObject({
      status: 206,
      text: '{"n":2}\n',
      headers: { etag: `"${sha256(after)}"`, "content-range": "bytes 8-15/16", "content-length": "8" },
    });
  });

  it("comes in part as the tag says, however much there is of it by then", async () => {
    const answer = await get([before, after], { range: "bytes=2-" });

    expect(answer).toMatchObject({
      status: 206,
      text: before.slice(2),
      headers: { etag: `"${sha256(before)}"`, "content-range": "bytes 2-7/8", "content-length": "6" },
    });
  });

  it("is read once for a part, and not at all when nothing of it is sent", async () => {
    const part = await get([before], { range: "bytes=2-" });
    const known = await get([before], { "if-none-match": `"${sha256(before)}"` });
    const beyond = await get([before], { range: "bytes=99-" });

    expect([part.status, known.status, beyond.status]).toEqual([206, 304, 416]);
    expect([part, known, beyond].map(({ streams }) => streams.length)).toEqual([1, 0, 0]);
    expect(part.streams[0]?.destroyed).toBe(true);
  });
});

describe("failures", () => {
  it.each(ERROR_CODES)("%s keeps its code, hint and details", async (code) => {
    const thrown = new AppError(code, "What was wrong", { hint: "What to try", details: { bytes: 7 } });
    await using edge = await HttpEdge.start({ failure: thrown });

    const answer = await edge.ask(LIST, { headers: bearer("ai") });

    expect(answer.status).toBe(STATUS[code]);
    expect(answer.json).toEqual({
      error: {
        code,
        message: "What was wrong",
        hint: "What to try",
        details: { bytes: 7 },
        request_id: answer.headers["x-request-id"],
      },
    });
  });

  it("nobody foresaw tell their request id and nothing else (S5)", async () => {
    await using edge = await HttpEdge.start({ failure: new TypeError("secret thing at /srv/memory/x") });

    const answer = await edge.ask(LIST, { headers: bearer("ai") });

    expect(answer.status).toBe(500);
    expect(answer.json).toEqual(failure("internal"));
    expect(answer.text).not.toMatch(/secret thing|\/srv|at \w/);
    expect(edge.log).toContainEqual(
      expect.objectContaining({ event: "internal_error", request_id: answer.headers["x-request-id"] }),
    );
  });
});

describe("the log", () => {
  it("has one line per request, with the route's pattern instead of what was asked (S6)", async () => {
    await using edge = await HttpEdge.start();

    const answer = await edge.ask("/api/v1/search/knowledge?query=private+words", { headers: bearer("ai") });

    expect(edge.log).toEqual([
      expect.objectContaining({
        event: "request",
        request_id: answer.headers["x-request-id"],
        method: "GET",
        route: "/api/v1/search/knowledge",
        status: 200,
        principal: "edge-ai",
        address: "127.0.0.1",
        ms: expect.any(Number),
        bytes: expect.any(Number),
      }),
    ]);
  });

  it("has a line of its own for a failed authentication", async () => {
    await using edge = await HttpEdge.start();

    await edge.ask(LIST, { headers: { authorization: "Bearer wrong-token-0123456789" } });

    expect(edge.log).toContainEqual(
      expect.objectContaining({ event: "auth_failure", address: "127.0.0.1", route: LIST, level: "warn" }),
    );
  });

  it("never has tokens, queries, paths or bodies (S5)", async () => {
    await using edge = await HttpEdge.start();
    const canary = "canary-7d1f";
    const headers = {
      ...bearer("sync"),
      "x-workspace-token": canary,
      cookie: canary,
      "x-workspace-binding": canary,
    };

    await edge.ask(`/api/v1/search/sessions?query=${canary}`, { headers });
    await edge.ask(`/api/v1/search/sessions?${canary}=1`, { headers });
    await edge.ask(`/${canary}`, { headers });
    await edge.ask(`/api/v1/workspaces/a-b-c/knowledge/${canary}.md`, {
      method: "PUT",
      headers,
      body: canary,
    });
    await edge.ask("/mcp", {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: canary,
    });
    await edge.ask(LIST, { headers: { authorization: `Bearer ${canary}` } });

    const log = edge.logLines.join("");
    expect(edge.log.filter(({ event }) => event === "request")).toHaveLength(6);
    expect(log).not.toContain(canary);
    expect(log).not.toContain(EDGE_TOKENS.sync);
  });

  it("believes X-Forwarded-For only behind a proxy of ours, and of it only the last entry", async () => {
    await using alone = await HttpEdge.start();
    await using proxied = await HttpEdge.start({ config: { trustProxy: true } });
    const headers = { "x-forwarded-for": "198.51.100.1, 203.0.113.9" };

    await alone.ask("/healthz", { headers });
    await proxied.ask("/healthz", { headers });
    await proxied.ask("/healthz", { headers: { "x-forwarded-for": 'bad"<' } });

    expect(alone.log.map(({ address }) => address)).toEqual(["127.0.0.1"]);
    expect(proxied.log.map(({ address }) => address)).toEqual(["203.0.113.9", "127.0.0.1"]);
  });
});
