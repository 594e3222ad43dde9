import { describe, expect, it, beforeAll, afterAll } from "vitest";
import * as z from "zod";
import { gzipSync } from "node:zlib";
import { AiRegistration, ErrorBody, TokenEntry, type Role, type WorkspaceName } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The whole table of who may do what: every tool × every kind of token × three kinds of workspace. */

const TOKENS = [
  "none",
  "wrong",
  "ai",
  "sync",
  "scopedAi",
  "scopedSync",
  "soleAi",
  "ownAi",
  "ownSync",
  "revoked",
  "expired",
  "admin",
  "metrics",
] as const;
const WORKSPACES = ["own", "other", "missing"] as const;
type TokenKind = (typeof TOKENS)[number];
type WorkspaceKind = (typeof WORKSPACES)[number];
/** `refused`: HTTP 401. `barred`: HTTP 403. `hidden`: a tool the role does not have. Else the error's code, or ok. */
type Outcome = "refused" | "barred" | "hidden" | "forbidden" | "not_found" | "ok";

const OWN: WorkspaceName = { machine: "laptop", tool: "codex", project: "own" };
const OTHER: WorkspaceName = { machine: "desktop", tool: "codex", project: "other" };
const IDS = { own: "laptop-codex-own", other: "desktop-codex-other", missing: "laptop-codex-missing" };
const LINE = Buffer.from('{"type":"user","message":{"role":"user","content":"hello"}}\n');

const SPANNING = ["get_overview", "list_workspaces", "search_knowledge", "search_sessions"];
const READING = ["list_knowledge", "read_knowledge", "list_sessions", "read_session"];
const WRITING = ["write_overview", "delete_knowledge", "memory_20250818"];
const UPLOADING = ["upload_knowledge", "upload_session"];
const ALL = [...SPANNING, ...READING, "register_workspace", ...WRITING, ...UPLOADING];

const AIS: ReadonlySet<TokenKind> = new Set<TokenKind>(["ai", "scopedAi", "soleAi", "ownAi"]);

function expected(tool: string, token: TokenKind, workspace: WorkspaceKind): Outcome {
  if (token === "none" || token === "wrong" || token === "revoked" || token === "expired") return "refused";
  if (token === "admin" || token === "metrics") return "barred";
  const role = AIS.has(token) ? "ai" : "sync";
  const isOnlyOwn = token === "soleAi" && workspace !== "own";
  const outOfScope = isOnlyOwn || (workspace === "other" && token.startsWith("scoped"));
  if (SPANNING.includes(tool)) return "ok";
  const mayNotWrite = outOfScope || (workspace === "other" && token.startsWith("own"));
  if (tool === "register_workspace") return mayNotWrite ? "forbidden" : "ok";
  if (WRITING.includes(tool)) {
    if (role === "sync") return "hidden";
    // "other" is tried with a binding that another token was given, "missing" with a forged one.
    return workspace === "own" ? "ok" : "forbidden";
  }
  if (UPLOADING.includes(tool)) {
    if (role === "ai") return "hidden";
    // "other" is tried with the write token of "own".
    if (workspace === "missing") return "not_found";
    return workspace === "own" ? "ok" : "forbidden";
  }
  if (outOfScope) return "forbidden";
  return workspace === "missing" ? "not_found" : "ok";
}

const rows = ALL.flatMap((tool) =>
  TOKENS.flatMap((token) => WORKSPACES.map((workspace) => ({ tool, token, workspace }))),
);

describe("authorization", () => {
  let server: TestServer;
  let secrets: Record<TokenKind, string>;
  let writeToken: string;
  let otherBinding: string;

  beforeAll(async () => {
    server = await startServer({ rate: { failuresPerMinute: 10_000 } });
    const named = {
      scopedAi: await createToken("ai", ["laptop-*"]),
      scopedSync: await createToken("sync", ["laptop-*"]),
      soleAi: await createToken("ai", [IDS.own]),
      // As a join makes them, but that the sync token reads everything too.
      ownAi: await createToken("ai", ["*"], { writes: ["laptop-*"] }),
      ownSync: await createToken("sync", ["*"], { writes: ["laptop-*"] }),
      revoked: await createToken("ai", ["*"]),
      expired: await createToken("ai", ["*"], { expires: new Date(Date.now() + 10_000).toISOString() }),
      admin: await createToken("admin", ["*"]),
      metrics: await createToken("metrics", ["*"]),
    };
    await admin("DELETE", `tokens/${named.revoked.id}`);
    secrets = {
      none: "",
      wrong: "not-a-token-of-this-server",
      ai: server.tokens.ai,
      sync: server.tokens.sync,
      scopedAi: named.scopedAi.token,
      scopedSync: named.scopedSync.token,
      soleAi: named.soleAi.token,
      ownAi: named.ownAi.token,
      ownSync: named.ownSync.token,
      revoked: named.revoked.token,
      expired: named.expired.token,
      admin: named.admin.token,
      metrics: named.metrics.token,
    };
    writeToken = (await server.register(OWN)).writeToken;
    const otherToken = (await server.register(OTHER)).writeToken;
    otherBinding = await bindingOf(
      named.admin.token === "" ? "" : (await createToken("ai", ["*"])).token,
      OTHER,
    );
    for (const [id, token] of [
      [IDS.own, writeToken],
      [IDS.other, otherToken],
    ] as const) {
      await put(`workspaces/${id}/knowledge/notes.md`, "# Notes\nhello\n", token);
      await put(`workspaces/${id}/sessions/s1`, LINE, token);
    }
    while (Date.now() < Date.parse(named.expired.expires))
      await new Promise((resolve) => setTimeout(resolve, 50));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("an upload out of the write scope is refused before the workspace is looked for, and the hint says what may be written", async () => {
    const answers = await Promise.all(
      [IDS.other, "desktop-codex-nowhere"].map((id) =>
        server.api(`workspaces/${id}/knowledge/notes.md`, {
          method: "PUT",
          body: "x",
          token: secrets.ownSync,
          headers: { "x-workspace-token": writeToken },
        }),
      ),
    );
    const bodies = await Promise.all(answers.map(async (answer) => ErrorBody.parse(await answer.json())));

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    for (const { error } of bodies)
      expect(error).toMatchObject({ code: "forbidden", hint: expect.stringContaining("laptop-*") });
  });

  it.each(rows)(
    "$tool with the token $token on the workspace $workspace",
    async ({ tool, token, workspace }) => {
      const outcome = await attempt(tool, token, workspace);

      expect(outcome).toBe(expected(tool, token, workspace));
    },
  );

  async function attempt(tool: string, token: TokenKind, workspace: WorkspaceKind): Promise<Outcome> {
    // What a destructive row removes is put back first, so that rows do not depend on each other.
    if (tool === "delete_knowledge")
      await put(`workspaces/${IDS.own}/knowledge/notes.md`, "# Notes\nhello\n", writeToken);
    const refused = await statusOf(secrets[token]);
    if (refused === 401) return "refused";
    if (refused === 403) return "barred";
    const client = await server.connect(secrets[token]);
    try {
      const { tools } = await client.listTools();
      if (!tools.some(({ name }) => name === tool)) {
        await expectNotCallable(client, tool, workspace, token);
        return "hidden";
      }
      const result = await client.callTool({
        name: tool,
        arguments: await argumentsFor(tool, token, workspace),
      });
      if (result.isError !== true) return "ok";
      const text = JSON.stringify(result.content);
      const code = /"text":"(\w+): /.exec(text)?.[1];
      if (code === "forbidden" || code === "not_found") return code;
      throw new Error(`unexpected failure of ${tool}: ${text}`);
    } finally {
      await client.close();
    }
  }

  async function expectNotCallable(
    client: Awaited<ReturnType<TestServer["connect"]>>,
    tool: string,
    workspace: WorkspaceKind,
    token: TokenKind,
  ): Promise<void> {
    const failed = await client
      .callTool({ name: tool, arguments: await argumentsFor(tool, token, workspace) })
      .then(
        (result) => result.isError === true,
        () => true,
      );
    expect(failed).toBe(true);
  }

  async function argumentsFor(
    tool: string,
    token: TokenKind,
    workspace: WorkspaceKind,
  ): Promise<Record<string, unknown>> {
    const workspace_id = IDS[workspace];
    const upload = { workspace_id, write_token: writeToken };
    switch (tool) {
      case "get_overview":
      case "list_workspaces":
        return {};
      case "search_knowledge":
      case "search_sessions":
        return { query: "hello" };
      case "list_knowledge":
      case "list_sessions":
        return { workspace_id };
      case "read_knowledge":
        return { workspace_id, path: "notes.md" };
      case "read_session":
        return { workspace_id, session_id: "s1" };
      case "register_workspace":
        if (workspace === "missing") return { machine: "laptop", tool: "codex", project: `new ${token}` };
        return !AIS.has(token) ? registration(workspace, token) : names(workspace);
      case "write_overview":
        return { content: "Mine.\n", binding: await bindingFor(token, workspace) };
      case "delete_knowledge":
        return { path: "notes.md", binding: await bindingFor(token, workspace) };
      case "memory_20250818":
        return { command: "view", path: "/memories", binding: await bindingFor(token, workspace) };
      case "upload_knowledge":
        return { ...upload, path: "uploaded.md", content: "text\n" };
      case "upload_session":
        return {
          ...upload,
          session_id: "s2",
          content: gzipSync(LINE).toString("base64"),
          encoding: "gzip-base64",
          sha256: sha256(LINE),
        };
      default:
        throw new Error(`no arguments for ${tool}`);
    }
  }

  function names(workspace: "own" | "other"): WorkspaceName {
    return workspace === "own" ? OWN : OTHER;
  }

  /** A sync registration is asked for a workspace that has no write token yet: another one would be a conflict, rightly. */
  function registration(workspace: "own" | "other", token: TokenKind): WorkspaceName {
    const name = names(workspace);
    return { ...name, project: `${name.project} for ${token}` };
  }

  async function bindingFor(token: TokenKind, workspace: WorkspaceKind): Promise<string> {
    if (workspace === "other") return otherBinding;
    if (workspace === "missing") return "fmb_laptop-codex-missing.zzzzz.aaaaaaaaaaaaaaaaaaaaaaaaaa";
    return AIS.has(token) ? bindingOf(secrets[token], OWN) : otherBinding;
  }

  async function bindingOf(token: string, name: WorkspaceName): Promise<string> {
    const response = await server.api("workspaces", {
      method: "POST",
      body: JSON.stringify(name),
      headers: JSON_TYPE,
      token,
    });
    return AiRegistration.parse(await response.json()).binding;
  }

  async function statusOf(token: string): Promise<number> {
    const headers: Record<string, string> = { ...JSON_TYPE, accept: "application/json, text/event-stream" };
    if (token !== "") headers["authorization"] = `Bearer ${token}`;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const response = await fetch(`${server.url}/mcp`, { method: "POST", headers, body });
    await response.body?.cancel();
    return response.status;
  }

  async function put(path: string, body: string | Buffer<ArrayBuffer>, token: string): Promise<void> {
    const response = await server.api(path, {
      method: "PUT",
      body,
      token: server.tokens.sync,
      headers: { "x-workspace-token": token },
    });
    expect(response.ok, await response.text()).toBe(true);
  }

  async function createToken(
    role: Role,
    workspaces: string[],
    more: { expires?: string; writes?: string[] } = {},
  ): Promise<{ id: string; token: string; expires: string }> {
    const Created = z.object({ entry: TokenEntry, secret: z.string() });
    const { entry, secret } = Created.parse(
      await admin("POST", "tokens", { name: `${role} for the table`, role, workspaces, ...more }),
    );
    return { id: entry.id, token: secret, expires: entry.expires_at ?? "" };
  }

  async function admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const local = await readLocalAdmin(server.root);
    const response = await fetch(`${server.url}/api/v1/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${local?.token}`, ...JSON_TYPE },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
    return response.json();
  }
});

const JSON_TYPE = { "content-type": "application/json" };
