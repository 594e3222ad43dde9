import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AiRegistration } from "../../contract/wire.ts";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { call } from "../support/answers.ts";
import { runClient } from "../support/client-process.ts";
import { indexSettled } from "../support/index-status.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Memories as others read them: through the tools, addresses and commands that read knowledge. */

const NAME = { machine: "laptop", tool: "codex", project: "atlas" };
/** What is changed by hand is found by then; a busy machine may take longer. */
const SOON = { timeout: 20_000, interval: 50 };
const PATH = "/memories/plans/zebra.md";

let stack: AsyncDisposableStack;
let server: TestServer;
let id: string;
let writeToken: string;
let ai: Client;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(await startServer());
  ({ id, writeToken } = await server.register(NAME));
  ai = await server.connectAi();
  const store = new KnowledgeStore(server.root, new WriteGuard(server.root));
  await store.write(id, PATH, Buffer.from("# First\nquagga one\n"));
  await store.write(id, PATH, Buffer.from("# Second\nquagga two\n"));
  await store.write(id, "notes.md", Buffer.from("# Notes\nno animal\n"));
});

afterAll(() => stack.disposeAsync());

const memory = (path: string, init: RequestInit & { token?: string } = {}) =>
  server.api(`workspaces/${id}/memories/${path}`, init);

async function anchorsOf(query: Record<string, string>): Promise<string[]> {
  const answer = await call(ai, "search_knowledge", query);
  return [...answer.text.matchAll(/memory:\/\/\S+?#L\d+/g)].map(([anchor]) => anchor);
}

describe("a memory", () => {
  it("is listed, and read as it is and as it was", async () => {
    const listed = await call(ai, "list_knowledge", { workspace_id: id });
    const memories = await call(ai, "list_knowledge", { workspace_id: id, prefix: "/mem" });
    const now = await call(ai, "read_knowledge", { workspace_id: id, path: PATH });
    const before = await call(ai, "read_knowledge", { workspace_id: id, path: PATH, version: 1 });

    expect(listed.structured).toMatchObject({
      entries: [{ path: "notes.md" }, { path: PATH, title: "Second", versions: 2 }],
    });
    expect(memories.structured).toMatchObject({ entries: [{ path: PATH }] });
    expect(now.text).toContain(`memory://${id}${PATH}: version 2`);
    expect(now.text).toContain("quagga two");
    expect(before.text).toContain("quagga one");
  });

  it("is found by its words, an exact text and an expression, soon and when the index holds it", async () => {
    const queries = [
      { query: "quagga" },
      { query: "quagga two", mode: "literal" },
      { query: "quag+a \\w+", mode: "regex" },
    ];
    const hit = [`memory://${id}${PATH}#L2`];
    for (const query of queries) await expect.poll(() => anchorsOf(query), SOON).toEqual(hit);
    await indexSettled(server.root);

    const indexed: string[][] = [];
    for (const query of queries) indexed.push(await anchorsOf(query));

    expect(indexed).toEqual([hit, hit, hit]);
  });

  it("is found as people leave it: written, moved to the knowledge and back", async () => {
    const folder = join(server.root, "workspaces", id);
    await mkdir(join(folder, "memories"), { recursive: true });
    await writeFile(join(folder, "memories/okapi.md"), "okapi\n");
    const okapis = () => anchorsOf({ query: "okapi", mode: "literal" });
    await expect.poll(okapis, SOON).toEqual([`memory://${id}/memories/okapi.md#L1`]);

    await rename(join(folder, "memories/okapi.md"), join(folder, "knowledge/okapi.md"));
    await expect.poll(okapis, SOON).toEqual([`memory://${id}/knowledge/okapi.md#L1`]);

    await rename(join(folder, "knowledge/okapi.md"), join(folder, "memories/okapi.md"));
    await expect.poll(okapis, SOON).toEqual([`memory://${id}/memories/okapi.md#L1`]);
  });

  it("has an address over HTTP, for reading only", async () => {
    const got = await memory("plans/zebra.md");
    const head = await memory("plans/zebra.md", { method: "HEAD" });
    const first = await memory("plans/zebra.md?version=1", { token: server.tokens.sync });
    const missing = await memory("nothing.md");
    const escaping = await memory("%2e%2e%2fidentity.json");
    const refused: unknown[] = [];
    for (const method of ["PUT", "DELETE", "POST"]) {
      const answer = await memory("plans/zebra.md", { method, token: server.tokens.sync });
      refused.push(`${answer.status} ${answer.headers.get("allow")}`);
    }

    expect([got.status, await got.text()]).toEqual([200, "# Second\nquagga two\n"]);
    expect(got.headers.get("etag")).toBe(head.headers.get("etag"));
    expect([first.status, await first.text()]).toEqual([200, "# First\nquagga one\n"]);
    expect([missing.status, escaping.status]).toEqual([404, 400]);
    expect(new Set(refused)).toEqual(new Set(["405 GET, HEAD, OPTIONS"]));
  });

  it("is a resource, by lines too, and completed as such", async () => {
    const ref = { type: "ref/resource", uri: "memory://{workspace_id}/{+path}" } as const;
    const context = { arguments: { workspace_id: id } };

    const { contents } = await ai.readResource({ uri: `memory://${id}${PATH}#L2` });
    const completed = [];
    for (const value of ["mem", "memories/pl"])
      completed.push((await ai.complete({ ref, argument: { name: "path", value }, context })).completion);

    expect(contents).toMatchObject([{ text: "quagga two" }]);
    for (const { values } of completed) expect(values).toContain("memories/plans/zebra.md");
  });

  it("is read by the client, by its path or by the address that search prints", async () => {
    await using home = await tempFolder();
    const env = { MCP_MEMORY_URL: `${server.url}/mcp`, MCP_MEMORY_TOKEN: server.tokens.ai };
    const run = (...args: string[]) => runClient(args, { home: home.path, env });

    const byPath = await run("read", id, PATH);
    const byAddress = await run("read", `memory://${id}${PATH}#L2`, "--max-lines", "1");

    expect(byPath).toMatchObject({ code: 0, stdout: "# Second\nquagga two\n" });
    expect(byAddress).toMatchObject({ code: 0, stdout: "quagga two\n" });
  });

  it("is not found by the path that it has on the disk, with a word about its own", async () => {
    const answer = await call(ai, "read_knowledge", { workspace_id: id, path: PATH.slice(1) });

    expect(answer.text).toContain(`A memory's path begins with a slash: "${PATH}"`);
  });

  it("is nothing that the ways of writing knowledge reach", async () => {
    const { binding } = AiRegistration.parse((await call(ai, "register_workspace", NAME)).structured);
    const sync = await server.connectSync();
    const upload = { workspace_id: id, write_token: writeToken, path: PATH, content: "x\n" };
    const encoded = encodeURIComponent(PATH);

    const tools = [
      await call(sync, "upload_knowledge", upload),
      await call(ai, "delete_knowledge", { path: PATH, binding }),
    ];
    const routes = [
      await server.api(`workspaces/${id}/knowledge/${encoded}`, {
        method: "PUT",
        body: "x\n",
        headers: { "x-workspace-token": writeToken },
        token: server.tokens.sync,
      }),
      await server.api(`workspaces/${id}/knowledge/${encoded}`, {
        method: "DELETE",
        headers: { "x-workspace-binding": binding },
      }),
      await server.api(`workspaces/${id}/knowledge/${encoded}`),
    ];

    for (const { text } of tools) expect(text).toMatch(/^invalid_input: path: not a knowledge path/);
    expect(routes.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await (await memory("plans/zebra.md")).text()).toBe("# Second\nquagga two\n");
  });
});

it("is found by a server whose index knew nothing of memories", async () => {
  await using root = await tempFolder();
  let workspace = "";
  {
    await using first = await startServer({ root: root.path });
    workspace = (await first.register(NAME)).id;
    await indexSettled(root.path);
  }
  const memories = join(root.path, "workspaces", workspace, "memories");
  await mkdir(memories);
  await writeFile(join(memories, "late.md"), "okapi\n");

  await using second = await startServer({ root: root.path });
  await indexSettled(root.path);
  const answer = await call(await second.connectAi(), "search_knowledge", { query: "okapi" });

  expect(answer.text).toContain(`memory://${workspace}/memories/late.md#L1`);
});
