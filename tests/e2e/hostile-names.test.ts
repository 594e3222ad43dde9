import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { WorkspaceId } from "../../contract/ids.ts";
import { AiRegistration } from "../../contract/wire.ts";
import { call } from "../support/answers.ts";
import { corpus } from "../support/corpus.ts";
import { rawHttp } from "../support/raw-http.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The corpora of hostile paths, names and addresses, through every tool and endpoint that takes one. */

const NAME = { machine: "laptop", tool: "codex", project: "one" };
const Verdict = z.enum(["accept", "reject", "either"]);
const PathRow = z.object({
  id: z.string(),
  expect: Verdict,
  path: z.unknown().optional(),
  path_b64: z.string().optional(),
});
const NameRow = z.object({ id: z.string(), expect: Verdict, name: z.unknown() });
const UriRow = z.object({ id: z.string(), expect: Verdict, uri: z.unknown() });
const CLEAN_ERROR = /^(invalid_input|not_found|forbidden|conflict|too_large): /;

let server: TestServer;
let workspace: { id: string; writeToken: string };
let other: { id: string; writeToken: string };
let ai: Client;
let sync: Client;
let binding: string;

beforeAll(async () => {
  server = await startServer({ rate: { requestsPerMinute: 1_000_000 } });
  workspace = await server.register(NAME);
  other = await server.register({ ...NAME, project: "two" });
  ai = await server.connectAi();
  sync = await server.connectSync();
  binding = AiRegistration.parse((await call(ai, "register_workspace", { ...NAME })).structured).binding;
});
afterAll(() => server[Symbol.asyncDispose]());

const fill = (text: unknown) =>
  typeof text === "string"
    ? text
        .replaceAll("{WS}", workspace.id)
        .replaceAll("{OTHER_WS}", other.id)
        .replaceAll("{ROOT}", server.root)
    : text;

const encoded = (bytes: Buffer) =>
  [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

const placeOf = (folder: string, path: Buffer) =>
  `/api/v1/workspaces/${encodeURIComponent(workspace.id)}/${folder}/${encoded(path)}`;

function http(method: string, path: Buffer, headers: Record<string, string>, body?: string) {
  const place = placeOf("knowledge", path);
  return rawHttp(server.url, { method, path: place, headers, ...(body !== undefined && { body }) });
}

function memory(path: Buffer) {
  return rawHttp(server.url, {
    method: "GET",
    path: placeOf("memories", path),
    headers: bearer(server.tokens.ai),
  });
}

const bearer = (token: string, more: Record<string, string> = {}) => ({
  authorization: `Bearer ${token}`,
  ...more,
});

/** Every path under MEMORY_ROOT but what writing makes on its own account. */
async function tree(): Promise<string[]> {
  return (await readdir(server.root, { recursive: true })).sort();
}

describe("hostile paths", () => {
  const rows = corpus("paths.txt", PathRow);

  it("are all refused by every tool and endpoint, and nothing is made or read outside", async () => {
    const before = await tree();
    const wrong: unknown[] = [];
    const expectRefused = (row: string, how: string, answer: { isError: boolean; text: string }) => {
      if (!answer.isError || !CLEAN_ERROR.test(answer.text) || answer.text.includes(server.root))
        wrong.push([row, how, answer.text]);
    };

    for (const row of rows.filter(({ expect: verdict }) => verdict === "reject")) {
      const path = fill(row.path);
      if (row.path_b64 === undefined) {
        const upload = {
          workspace_id: workspace.id,
          write_token: workspace.writeToken,
          path,
          content: "x\n",
        };
        expectRefused(row.id, "upload_knowledge", await call(sync, "upload_knowledge", upload));
        expectRefused(
          row.id,
          "read_knowledge",
          await call(ai, "read_knowledge", { workspace_id: workspace.id, path }),
        );
        if (typeof path === "string")
          expectRefused(
            row.id,
            "read_knowledge of a memory",
            await call(ai, "read_knowledge", { workspace_id: workspace.id, path: `/memories/${path}` }),
          );
        expectRefused(row.id, "delete_knowledge", await call(ai, "delete_knowledge", { path, binding }));
        const listed = await call(ai, "list_knowledge", { workspace_id: workspace.id, prefix: path });
        if (listed.text.includes(server.root)) wrong.push([row.id, "list_knowledge", listed.text]);
      }
      const bytes =
        row.path_b64 === undefined
          ? Buffer.from(typeof path === "string" ? path : "")
          : Buffer.from(row.path_b64, "base64");
      // Not a path in a URL: other types, an empty one (the listing), what UTF-8 cannot carry, what is longer than a request line.
      if (bytes.length === 0 || (typeof path === "string" && !path.isWellFormed())) continue;
      if (bytes.length > 4000) continue;
      const put = await http(
        "PUT",
        bytes,
        bearer(server.tokens.sync, { "x-workspace-token": workspace.writeToken }),
        "x\n",
      );
      const get = await http("GET", bytes, bearer(server.tokens.ai));
      const deleted = await http(
        "DELETE",
        bytes,
        bearer(server.tokens.ai, { "x-workspace-binding": binding }),
      );
      for (const { status, body } of [put, get, deleted, await memory(bytes)])
        if (![400, 404, 413].includes(status) || body.includes(server.root))
          wrong.push([row.id, "http", status, body]);
    }
    const after = await tree();

    expect(wrong).toEqual([]);
    expect(after).toEqual(before);
  }, 300_000);

  it("that are good all work, byte for byte, and are one document whatever their normal form", async () => {
    const wrong: unknown[] = [];

    for (const row of rows.filter(({ expect: verdict }) => verdict === "accept")) {
      const path = String(fill(row.path));
      const content = `# ${row.id}\r\nbytes of ${row.id}`;
      const put = await http(
        "PUT",
        Buffer.from(path),
        bearer(server.tokens.sync, { "x-workspace-token": workspace.writeToken }),
        content,
      );
      const got = await http("GET", Buffer.from(path.normalize("NFD")), bearer(server.tokens.ai));
      const read = await call(ai, "read_knowledge", { workspace_id: workspace.id, path });
      const listed = await call(ai, "list_knowledge", { workspace_id: workspace.id, prefix: path });
      const gone = await call(ai, "delete_knowledge", { path, binding });
      if (
        put.status !== 201 ||
        got.body !== content ||
        !read.text.includes(`bytes of ${row.id}`) ||
        gone.isError
      )
        wrong.push([row.id, path, put, got, read.text, gone.text]);
      if (!listed.text.includes(JSON.stringify(path.normalize("NFC"))))
        wrong.push([row.id, "not listed", listed.text]);
    }

    expect(wrong).toEqual([]);
  }, 120_000);

  it("that policy decides are judged the same each time, and stay below the workspace", async () => {
    const wrong: unknown[] = [];

    for (const row of rows.filter(
      ({ expect: verdict, path }) => verdict === "either" && typeof path === "string",
    )) {
      const input = {
        workspace_id: workspace.id,
        write_token: workspace.writeToken,
        path: fill(row.path),
        content: "x\n",
      };
      const first = await call(sync, "upload_knowledge", input);
      const second = await call(sync, "upload_knowledge", input);
      if (first.isError !== second.isError) wrong.push([row.id, first.text, second.text]);
    }
    const outside = (await tree()).filter(
      (name) => !/^(README\.md|INDEX\.md|_meta|workspaces)(\/|$)/.test(name),
    );

    expect(wrong).toEqual([]);
    expect(outside).toEqual([]);
  });
});

describe("hostile workspace names", () => {
  const rows = corpus("workspace-names.jsonl", NameRow);

  it("open nothing as a workspace id, in any tool", async () => {
    const wrong: unknown[] = [];

    for (const { id, name } of rows)
      for (const [client, tool, more] of [
        [ai, "list_knowledge", {}],
        [ai, "read_knowledge", { path: "a.md" }],
        [ai, "list_sessions", {}],
        [ai, "read_session", { session_id: "s" }],
        [ai, "search_knowledge", { query: "a" }],
        [sync, "upload_knowledge", { write_token: workspace.writeToken, path: "a.md", content: "a" }],
      ] as const) {
        const answer = await call(client, tool, { workspace_id: name, ...more });
        if (!answer.isError || !CLEAN_ERROR.test(answer.text)) wrong.push([id, tool, answer.text]);
      }

    expect(wrong).toEqual([]);
  });

  it("become harmless slugs when a workspace is registered, or are refused; no other folder is made", async () => {
    const wrong: unknown[] = [];

    for (const { id, expect: verdict, name } of rows) {
      const answer = await call(ai, "register_workspace", { machine: name, tool: "t", project: "p" });
      if (answer.isError ? verdict === "accept" || !CLEAN_ERROR.test(answer.text) : typeof name !== "string")
        wrong.push([id, answer.text]);
    }
    const folders = await readdir(join(server.root, "workspaces"));

    expect(wrong).toEqual([]);
    expect(folders.filter((folder) => !WorkspaceId.safeParse(folder).success)).toEqual([]);
    expect(folders.length).toBeGreaterThan(5);
    for (const folder of folders)
      expect((await lstat(join(server.root, "workspaces", folder))).isDirectory()).toBe(true);
  });
});

describe("hostile resource addresses", () => {
  it("are refused, and the good ones are read", async () => {
    const wrong: unknown[] = [];
    const headers = { "x-workspace-token": workspace.writeToken };
    await server.api(`workspaces/${workspace.id}/knowledge/notes/a%20b.md`, {
      method: "PUT",
      body: "hello",
      token: server.tokens.sync,
      headers,
    });
    await call(ai, "write_overview", { content: "hello\n", binding });

    for (const row of corpus("resource-uris.jsonl", UriRow)) {
      const uri = String(fill(row.uri)).replace(/^workspace:/, "memory:");
      const read = await ai.readResource({ uri }).then(
        ({ contents }) => JSON.stringify(contents),
        (error: unknown) => error,
      );
      const accepted = typeof read === "string";
      if (
        row.expect === "accept" ? !accepted || !read.includes("hello") : accepted && row.expect === "reject"
      )
        wrong.push([row.id, uri, String(read)]);
      if (String(read).includes(server.root)) wrong.push([row.id, "leak"]);
    }

    expect(wrong).toEqual([]);
  });
});
