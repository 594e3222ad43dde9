import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  AiRegistration,
  ErrorBody,
  KnowledgeWritten,
  SessionLines,
  SessionPage,
  type WorkspaceName,
} from "../../contract/wire.ts";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { sha256 } from "../../disk/digest.ts";
import { call } from "../support/answers.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** What the product promises at least, case by case. Case 10 (the client) is in sync.test.ts, case 11 (kills) in kill.test.ts. */

const A: WorkspaceName = { machine: "laptop", tool: "claude-code", project: "alpha" };
const B: WorkspaceName = { machine: "desktop", tool: "codex", project: "beta" };

const transcript = (...texts: string[]) =>
  Buffer.from(
    texts
      .map((content, n) => {
        const timestamp = `2026-11-20T10:00:${String(n % 60).padStart(2, "0")}.000Z`;
        return `${JSON.stringify({ type: "user", timestamp, sessionId: "s", message: { role: "user", content } })}\n`;
      })
      .join(""),
  );

async function put(
  server: TestServer,
  path: string,
  body: string | Buffer,
  writeToken: string,
  headers: Record<string, string> = {},
) {
  return server.api(path, {
    method: "PUT",
    body: typeof body === "string" ? body : new Uint8Array(body),
    token: server.tokens.sync,
    headers: { "x-workspace-token": writeToken, ...headers },
  });
}

describe("case 1: who may do what", () => {
  it("keeps uploads from AIs and AI writes from sync tokens, and nobody gets in without a token", async () => {
    await using server = await startServer();
    const ai = await server.connectAi();
    const sync = await server.connectSync();

    const toolsOf = async (client: typeof ai) => (await client.listTools()).tools.map(({ name }) => name);
    const anonymous = await fetch(`${server.url}/mcp`, { method: "POST", body: "{}" });
    const wrong = await server.api("workspaces", { token: "wrong" });

    expect(await toolsOf(ai)).toEqual(expect.arrayContaining(["write_overview", "delete_knowledge"]));
    expect(await toolsOf(ai)).not.toEqual(expect.arrayContaining(["upload_knowledge"]));
    expect(await toolsOf(sync)).toEqual(expect.arrayContaining(["upload_knowledge", "upload_session"]));
    expect(await toolsOf(sync)).not.toEqual(expect.arrayContaining(["write_overview"]));
    expect([anonymous.status, wrong.status]).toEqual([401, 401]);
  });

  it("lets no sync call succeed when no SYNC_TOKEN is configured, not even with an empty bearer", async () => {
    await using server = await startServer({ env: { SYNC_TOKEN: "" } });
    const body = JSON.stringify(A);
    const headers = { "content-type": "application/json" };

    const statuses = [];
    for (const authorization of ["Bearer ", "Bearer", "Bearer undefined", "Bearer null", ""])
      statuses.push(
        (await server.api("workspaces", { method: "POST", body, headers: { ...headers, authorization } }))
          .status,
      );
    const asAi = await server.api("workspaces/laptop-claude-code-alpha/knowledge/x.md", {
      method: "PUT",
      body: "x",
    });

    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(asAi.status).toBe(403);
  });
});

describe("case 2: an AI writes its own workspace only", () => {
  it("refuses a write before binding, allows it after, and never elsewhere", async () => {
    await using server = await startServer();
    const first = await server.connectAi();
    const second = await server.connectAi();

    const unbound = await call(first, "write_overview", { content: "x" });
    const a = AiRegistration.parse((await call(first, "register_workspace", { ...A })).structured);
    const bound = await call(first, "write_overview", { content: "About alpha.\n", binding: a.binding });
    const stray = await call(first, "write_overview", {
      content: "x",
      binding: a.binding,
      workspace_id: "desktop-codex-beta",
    });
    const other = await call(second, "write_overview", { content: "x" });
    const b = AiRegistration.parse((await call(first, "register_workspace", { ...B })).structured);
    const rebound = await call(first, "write_overview", { content: "About beta.\n", binding: b.binding });
    const stillA = await call(first, "write_overview", {
      content: "More about alpha.\n",
      binding: a.binding,
    });

    expect(unbound).toMatchObject({ isError: true, text: expect.stringContaining("forbidden: not bound") });
    expect(bound).toMatchObject({
      isError: false,
      structured: { workspace_id: a.workspace_id, status: "created" },
    });
    expect(stray).toMatchObject({ isError: true, text: expect.stringContaining("workspace_id") });
    expect(other.isError).toBe(true);
    expect(rebound.structured).toMatchObject({ workspace_id: b.workspace_id });
    expect(stillA.structured).toMatchObject({ workspace_id: a.workspace_id, status: "updated" });
  });

  it("takes the binding from a header, demands that all proofs agree, and survives a restart", async () => {
    const server = await startServer();
    const client = await server.connectAi();
    const a = AiRegistration.parse((await call(client, "register_workspace", { ...A })).structured);
    const b = AiRegistration.parse((await call(client, "register_workspace", { ...B })).structured);
    const write = (headers: Record<string, string>) =>
      server.api(`workspaces/${a.workspace_id}/overview`, { method: "PUT", body: "x\n", headers });

    const withHeader = await write({ "x-workspace-binding": a.binding });
    const ofAnother = await write({ "x-workspace-binding": b.binding });
    const forged = await write({ "x-workspace-binding": `${a.binding.slice(0, -1)}x` });

    expect([withHeader.status, ofAnother.status, forged.status]).toEqual([
      expect.toBeOneOf([200, 201]),
      403,
      403,
    ]);
    await server[Symbol.asyncDispose]();
  });
});

describe("case 3: write tokens", () => {
  it("are needed beside the sync token, are good for one workspace, and are never shown to AIs", async () => {
    await using server = await startServer();
    const a = await server.register(A);
    const b = await server.register(B);
    await put(
      server,
      `workspaces/${a.id}/sessions/s1`,
      transcript(`the token is ${a.writeToken}, keep it`),
      a.writeToken,
    );
    await put(server, `workspaces/${a.id}/knowledge/leak.md`, `token ${a.writeToken}\n`, a.writeToken);
    const client = await server.connectAi();

    const wrong = await put(server, `workspaces/${a.id}/knowledge/x.md`, "x", "fmwt_wrong");
    const none = await server.api(`workspaces/${a.id}/knowledge/x.md`, {
      method: "PUT",
      body: "x",
      token: server.tokens.sync,
    });
    const foreign = await put(server, `workspaces/${b.id}/knowledge/x.md`, "x", a.writeToken);
    const again = await server.api("workspaces", {
      method: "POST",
      body: JSON.stringify(A),
      token: server.tokens.sync,
      headers: { "content-type": "application/json" },
    });
    const shown = [
      await call(client, "register_workspace", { ...A }),
      await call(client, "get_overview"),
      await call(client, "list_workspaces"),
      await call(client, "search_sessions", { query: "token keep" }),
      await call(client, "search_sessions", { query: a.writeToken, mode: "literal" }),
      await call(client, "search_knowledge", { query: "token" }),
      await call(client, "read_knowledge", { workspace_id: a.id, path: "leak.md" }),
      await call(client, "read_session", { workspace_id: a.id, session_id: "s1", view: "raw" }),
    ].map((answer) => JSON.stringify(answer));
    const downloaded = await (await server.api(`workspaces/${a.id}/sessions/s1`)).text();

    expect([wrong.status, none.status, foreign.status, again.status]).toEqual([403, 403, 403, 409]);
    expect(await again.text()).toContain("workspace reissue");
    expect([...shown, downloaded].filter((text) => text.includes(a.writeToken))).toEqual([]);
  });
});

describe("case 4: paths", () => {
  const BAD = [
    "../x.md",
    "/etc/passwd",
    "a\0b.md",
    "a\\b.md",
    "%2e%2e/x.md",
    ".versions/x.md",
    "identity.json",
    "../sessions/x",
    "link.md",
    "linked/x.md",
  ];

  it.each(BAD)("%j is refused on read, write and delete", async (path) => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    await put(server, `workspaces/${id}/knowledge/real.md`, "real\n", writeToken);
    const knowledge = join(server.root, "workspaces", id, "knowledge");
    await writeFile(join(server.root, "secret.txt"), "CANARY");
    await mkdir(join(server.root, "outside"));
    await symlink(join(server.root, "secret.txt"), join(knowledge, "link.md"));
    await symlink(join(server.root, "outside"), join(knowledge, "linked"));
    const ai = await server.connectAi();
    const sync = await server.connectSync();
    const { binding } = AiRegistration.parse((await call(ai, "register_workspace", { ...A })).structured);

    const answers = [
      await call(ai, "read_knowledge", { workspace_id: id, path }),
      await call(sync, "upload_knowledge", { workspace_id: id, write_token: writeToken, path, content: "x" }),
      await call(ai, "delete_knowledge", { path, binding }),
    ];

    expect(answers.map(({ isError }) => isError)).toEqual([true, true, true]);
    expect(JSON.stringify(answers)).not.toContain("CANARY");
    expect(await readdir(join(server.root, "outside"))).toEqual([]);
    expect(await readFile(join(server.root, "secret.txt"), "utf8")).toBe("CANARY");
  });
});

describe("case 5: versions", () => {
  it("keep what an overwrite replaced; the same content again makes none", async () => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    const path = `workspaces/${id}/knowledge/auto/design.md`;

    const written = [];
    for (const content of ["one\n", "two\n", "two\n"])
      written.push(await (await put(server, path, content, writeToken)).json());
    const kept = await readFile(
      join(server.root, "workspaces", id, ".versions/knowledge/auto/design.md/000001.md"),
      "utf8",
    );
    const first = await (await server.api(`${path}?version=1`)).text();

    expect(written).toMatchObject([
      { status: "created", version: 1 },
      { status: "updated", version: 2 },
      { status: "unchanged", version: 2 },
    ]);
    expect([kept, first]).toEqual(["one\n", "one\n"]);
  });
});

describe("case 6: archives", () => {
  it.each([
    ["Windows line ends", Buffer.from('{"a":1}\r\n{"b":2}\r\n')],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x0a, 0xc3, 0x28, 0x7d])],
    ["no final line end", Buffer.from('{"a":1}\n{"b":2}')],
    ["NUL and U+2028", Buffer.from('{"a":"\u2028\0"}\n\n\n')],
  ])("are stored once and verbatim: %s", async (_, bytes) => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    const path = `workspaces/${id}/sessions/s1`;

    const first = await put(server, path, bytes, writeToken, { "x-content-sha256": sha256(bytes) });
    const second = await put(server, path, gzipSync(bytes), writeToken, { "content-encoding": "gzip" });
    const other = await put(server, `workspaces/${id}/sessions/s2`, bytes, writeToken);
    const back = await server.api(path, { token: server.tokens.sync });
    const files = await readdir(join(server.root, "workspaces", id, "sessions"), { recursive: true });
    const archives = files.filter((name) => name.endsWith(".gz"));
    const stored = await readFile(join(server.root, "workspaces", id, "sessions", archives[0] ?? ""));

    expect([await first.json(), await second.json(), await other.json()]).toMatchObject([
      { status: "created" },
      { status: "unchanged" },
      { same_as: "s1" },
    ]);
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);
    expect(archives).toHaveLength(1);
    expect(gunzipSync(stored).equals(bytes)).toBe(true);
  });
});

describe("case 7: sessions are listed and read", () => {
  it("newest first, and pages put together are the whole", async () => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    for (const day of ["03", "01", "02"]) {
      const line = {
        type: "user",
        timestamp: `2026-11-${day}T10:00:00.000Z`,
        message: { role: "user", content: `day ${day}` },
      };
      await put(server, `workspaces/${id}/sessions/day-${day}`, `${JSON.stringify(line)}\n`, writeToken);
    }
    const long = transcript(...Array.from({ length: 500 }, (_unused, n) => `turn ${n} ${"word ".repeat(n)}`));
    await put(server, `workspaces/${id}/sessions/long`, long, writeToken);
    const client = await server.connectAi();

    const listed = SessionPage.parse((await call(client, "list_sessions", { workspace_id: id })).structured);
    let whole = "";
    let next: string | undefined = "?view=raw";
    while (next !== undefined) {
      const answer = await server.api(`workspaces/${id}/sessions/long/lines${next}`);
      const page: SessionLines = SessionLines.parse(await answer.json());
      whole += page.text.replaceAll(/^\d+: /gm, "") + (page.next_char === undefined ? "\n" : "");
      next =
        page.next_line === undefined
          ? undefined
          : `?view=raw&from_line=${page.next_line}&from_char=${page.next_char ?? 0}`;
    }

    expect(listed.entries.map((entry) => entry.session_id)).toEqual(["long", "day-03", "day-02", "day-01"]);
    expect(whole.trimEnd()).toBe(long.toString("utf8").trimEnd());
  });
});

describe("case 8: search", () => {
  it("finds text that is only inside an archive, and knowledge across workspaces", async () => {
    await using server = await startServer();
    const a = await server.register(A);
    const b = await server.register(B);
    await put(
      server,
      `workspaces/${a.id}/sessions/s1`,
      transcript("hello", "the zebracorn broke the build"),
      a.writeToken,
    );
    await put(server, `workspaces/${a.id}/knowledge/a.md`, "# A\npelican notes\n", a.writeToken);
    await put(server, `workspaces/${b.id}/knowledge/b.md`, "# B\nmore on the pelican\n", b.writeToken);
    const client = await server.connectAi();

    const sessions = SessionAnswer.parse(
      (await call(client, "search_sessions", { query: "zebracorn" })).structured,
    );
    const knowledge = KnowledgeAnswer.parse(
      (await call(client, "search_knowledge", { query: "pelican" })).structured,
    );

    expect(sessions.hits).toMatchObject([
      { anchor: `memory://${a.id}/sessions/s1#L2`, line: 2, session_id: "s1" },
    ]);
    expect(knowledge.hits.map((hit) => hit.workspace_id).sort()).toEqual([b.id, a.id]);
  });

  it.each([
    "(",
    "[a-",
    "a{99999}",
    "\\",
    "*",
    "(a+)+$",
    ".*.*.*x",
    "--pre=sh",
    "-e",
    '"',
    "$(id)",
    "\\pL{1000,}",
  ])("answers %j in every mode without failing or hanging", async (query) => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    await put(server, `workspaces/${id}/sessions/s1`, transcript("a".repeat(5000)), writeToken);
    await put(server, `workspaces/${id}/knowledge/a.md`, "a".repeat(5000), writeToken);
    const client = await server.connectAi();

    const failures = [];
    for (const tool of ["search_knowledge", "search_sessions"])
      for (const mode of ["ranked", "literal", "regex"]) {
        const { isError, text } = await call(client, tool, { query, mode });
        if (isError) failures.push(text);
      }

    expect(failures.filter((text) => !text.startsWith("invalid_input: "))).toEqual([]);
  });
});

describe("case 9: the overview", () => {
  it("shows the global README and the summary of every workspace", async () => {
    await using server = await startServer();
    await writeFile(join(server.root, "README.md"), "# Our memory\nHouse rules: be kind.\n");
    const client = await server.connectAi();
    for (const name of [A, B]) {
      const { binding } = AiRegistration.parse(
        (await call(client, "register_workspace", { ...name })).structured,
      );
      await call(client, "write_overview", {
        content: `# ${name.project}\n\nThis is about ${name.project}.\n\nMore.\n`,
        binding,
      });
    }

    const { text } = await call(client, "get_overview");

    expect(text).toContain("House rules: be kind.");
    expect(text).toContain("This is about alpha.");
    expect(text).toContain("This is about beta.");
  });
});

describe("case 12: two writers of one file", () => {
  it("one wins, and the other's bytes survive as a version", async () => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    const path = `workspaces/${id}/knowledge/shared.md`;
    await put(server, path, "start\n", writeToken);

    await Promise.all(Array.from({ length: 10 }, (_, n) => put(server, path, `writer ${n}\n`, writeToken)));
    const current = await (await server.api(path)).text();
    const versions = [];
    for (let version = 1; version <= 11; version += 1)
      versions.push(await (await server.api(`${path}?version=${version}`)).text());

    expect(versions.at(-1)).toBe(current);
    expect(new Set(versions)).toEqual(
      new Set(["start\n", ...Array.from({ length: 10 }, (_, n) => `writer ${n}\n`)]),
    );
  });

  it("with If-Match only the first wins; the second is told what is there now", async () => {
    await using server = await startServer();
    const { id, writeToken } = await server.register(A);
    const path = `workspaces/${id}/knowledge/shared.md`;
    const written = await put(server, path, "start\n", writeToken);
    const { sha256: digest } = KnowledgeWritten.parse(await written.json());
    const ifMatch = { "if-match": `"${digest}"` };

    const answers = await Promise.all([
      put(server, path, "left\n", writeToken, ifMatch),
      put(server, path, "right\n", writeToken, ifMatch),
    ]);
    const current = await (await server.api(path)).text();
    const refused = ErrorBody.parse(await answers.find(({ ok }) => !ok)?.json());

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(refused.error.details?.["current_sha256"]).toBe(sha256(current));
  });
});
