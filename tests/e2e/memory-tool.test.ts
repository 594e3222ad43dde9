import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { wholeAnswer } from "../../bench/quality/whole-answer.ts";
import { LIMITS } from "../../contract/limits.ts";
import { KnowledgeAnswer } from "../../contract/search.ts";
import { AiRegistration, KnowledgePage } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { call } from "../support/answers.ts";
import { RawMcp } from "../support/raw-mcp.ts";
import { startServer, type TestServer } from "../support/server.ts";

const TOOL = "memory_20250818";
const NAME = { machine: "laptop", tool: "codex", project: "notes" };
const ID = "laptop-codex-notes";
const OTHER = "desktop-codex-other";
const UNBOUND = /^forbidden: not bound to a workspace/;

describe("the memory tool", () => {
  let server: TestServer;
  let ai: Client;
  let binding: string;
  const tell = (command: object, client = ai) => call(client, TOOL, { ...command, binding });
  const folder = () => join(server.root, "workspaces", ID, "memories");

  beforeAll(async () => {
    server = await startServer();
    ai = await server.connectAi();
    await server.register({ ...NAME, machine: "desktop", project: "other" });
    binding = await bindingOf(server.tokens.ai);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each(["modern", "legacy"] as const)(
    "CP 3.1: does what it is told, in the %s era of MCP",
    async (era) => {
      const mcp = new RawMcp(`${server.url}/mcp`, { token: server.tokens.ai, era });
      const path = `/memories/${era}/notes.md`;
      const told = async (command: object) =>
        mcp.callTool({ name: TOOL, arguments: { path: null, binding, ...command } });

      const texts = [
        await told({ command: "create", path, file_text: "one\ntwo\n" }),
        await told({ command: "str_replace", path, old_str: "two", new_str: "2" }),
        await told({ command: "insert", path, insert_line: 1, insert_text: "half" }),
        await told({ command: "view", path, view_range: [1, 3] }),
        await told({ command: "rename", old_path: path, new_path: `/memories/${era}.md` }),
        await told({ command: "view", path: `/memories/${era}` }),
        await told({ command: "delete", path: `/memories/${era}.md` }),
        await told({ command: "clear_all_memory" }),
        await told({ command: "view", path: "/memories" }),
      ];

      expect(
        texts.map(({ content, isError }) => [
          z.array(z.object({ text: z.string() })).parse(content)[0]?.text,
          isError,
        ]),
      ).toEqual([
        [`File created successfully at: ${path}`, undefined],
        [
          `The memory file has been edited. Here is the snippet showing the change (with line numbers):\n     1\tone\n     2\t2\n     3\t`,
          undefined,
        ],
        [`The file ${path} has been edited.`, undefined],
        [`Here's the content of ${path} with line numbers:\n     1\tone\n     2\thalf\n     3\t2`, undefined],
        [`Successfully renamed ${path} to /memories/${era}.md`, undefined],
        [`The path /memories/${era} does not exist. Please provide a valid path.`, true],
        [`Successfully deleted /memories/${era}.md`, undefined],
        ["All memory cleared", undefined],
        [
          "Here're the files and directories up to 2 levels deep in /memories, excluding hidden items and node_modules:\n0B\t/memories",
          undefined,
        ],
      ]);
    },
  );

  describe("whose memories", () => {
    const VIEW = { command: "view", path: "/memories" };

    it("are those of the workspace that the binding names, as argument or as header", async () => {
      const byHeader = await connect(server.tokens.ai, { "x-workspace-binding": binding });

      expect((await call(ai, TOOL, { ...VIEW, binding })).isError).toBe(false);
      expect((await call(byHeader, TOOL, VIEW)).isError).toBe(false);
      expect((await call(byHeader, TOOL, { ...VIEW, binding: null })).isError).toBe(false);
      await byHeader.close();
    });

    it("are nobody's without a binding, for a token that may write several workspaces", async () => {
      for (const [workspaces, writes] of [
        [["*"], undefined],
        [["laptop-*"], undefined],
        [[ID, OTHER], undefined],
        [["*"], ["laptop-codex-*"]],
      ] as const) {
        const client = await server.connect(await tokenFor(workspaces, writes));

        expect((await call(client, TOOL, VIEW)).text, JSON.stringify([workspaces, writes])).toMatch(UNBOUND);
      }
    });

    it.each([
      ["is for one workspace", [ID], undefined],
      ["reads everything and writes one workspace", ["*"], [ID]],
    ] as const)("are those of the only one that a token may write: it %s", async (_, workspaces, writes) => {
      const client = await server.connect(await tokenFor(workspaces, writes));
      const file = { path: "/memories/sole.md", file_text: "sole" };

      const created = await call(client, TOOL, { command: "create", ...file });
      const seen = await tell({ command: "view", path: file.path });
      await tell({ command: "delete", path: file.path });

      expect(created.isError).toBe(false);
      expect(seen.text).toContain("sole");
    });

    it("are nobody's while the only one that a token may write is not registered", async () => {
      const name = { machine: "laptop", tool: "codex", project: "later" };
      const token = await tokenFor(["laptop-codex-later"], undefined);
      const client = await server.connect(token);

      const before = await call(client, TOOL, VIEW);
      await server.register(name);
      const after = await call(client, TOOL, VIEW);

      expect(before.text).toMatch(UNBOUND);
      expect(after.isError).toBe(false);
    });

    it("are not found by a wrong binding, not even for the token of one workspace", async () => {
      const sole = await server.connect(await tokenFor([OTHER], undefined));

      for (const [client, given] of [
        [sole, binding],
        [sole, "fmb_forged"],
        [ai, "fmb_forged"],
      ] as const)
        expect((await call(client, TOOL, { ...VIEW, binding: given })).text).toMatch(UNBOUND);
    });

    it("are never those of a workspace that the caller names", async () => {
      const answer = await call(ai, TOOL, { ...VIEW, binding, workspace_id: OTHER });

      expect(answer.text).toMatch(/^invalid_input: Unrecognized key: "workspace_id"/);
    });
  });

  it("shows an image that a person put there as an image", async () => {
    const bytes = Buffer.from("89504e470d0a1a0a00ff", "hex");
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), "picture.png"), bytes);

    const shown = await ai.callTool({
      name: TOOL,
      arguments: { command: "view", path: "/memories/picture.png", binding },
    });
    await tell({ command: "delete", path: "/memories/picture.png" });

    expect(shown).toMatchObject({
      content: [{ type: "image", mimeType: "image/png", data: bytes.toString("base64") }],
    });
  });

  it("shows 16,000 characters of a file, of whatever script", async () => {
    const line = "漢".repeat(99);
    const file_text = `${line}\n`.repeat(200);
    await tell({ command: "create", path: "/memories/long.md", file_text });

    const { text } = await tell({ command: "view", path: "/memories/long.md" });
    await tell({ command: "delete", path: "/memories/long.md" });

    expect(text.split("\n").filter((shown) => shown.endsWith(line)).length).toBeGreaterThan(140);
    expect(text.length).toBeLessThan(LIMITS.memories.viewChars + 300);
    expect(text).toMatch(/\[Truncated: lines 1-\d+ of 201 are shown\. Use view_range to see more\]$/);
  });

  it("says what to do when there are as many memories as there may be", async () => {
    const many = join(server.root, "workspaces", OTHER, "memories");
    await mkdir(many);
    for (let n = 0; n < LIMITS.memories.files; n++) await writeFile(join(many, `${n}.md`), "x");
    const client = await server.connect(await tokenFor([OTHER], undefined));
    const create = { command: "create", path: "/memories/more.md", file_text: "x" };

    const refused = await call(client, TOOL, create);
    await call(client, TOOL, { command: "delete", path: "/memories/0.md" });
    const created = await call(client, TOOL, create);

    expect(refused).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^Error: The workspace holds 1000 memories.*Delete/),
    });
    expect(created.isError).toBe(false);
  });

  it("writes what others read and search at once, and what it deletes stays a version", async () => {
    const path = "/memories/orders/refunds.md";
    const other = await server.connect(await tokenFor(["*"], ["desktop-*"]));
    const search = () =>
      wholeAnswer(async () => {
        const { structured } = await call(other, "search_knowledge", {
          query: "quillfeather",
          mode: "literal",
        });
        return KnowledgeAnswer.parse(structured);
      });
    await tell({ command: "create", path, file_text: "Refunds: quillfeather\n" });

    const found = await search();
    const listed = await call(other, "list_knowledge", { workspace_id: ID, prefix: "/memories/" });
    await tell({ command: "delete", path });
    const gone = await search();
    const kept = await call(other, "read_knowledge", { workspace_id: ID, path, version: 1 });

    expect(found).toMatchObject({ hits: [{ path, line: 1 }] });
    expect(KnowledgePage.parse(listed.structured).entries.map((entry) => entry.path)).toEqual([path]);
    expect(gone).toMatchObject({ hits: [] });
    expect(kept.text).toContain("Refunds: quillfeather");
  });

  it("carries out every one of many edits of one file at once", async () => {
    const path = "/memories/log.md";
    const lines = Array.from({ length: 20 }, (_, line) => `line ${line}`);
    await tell({ command: "create", path, file_text: "end" });

    const told = await Promise.all(
      lines.map((insert_text) => tell({ command: "insert", path, insert_line: 0, insert_text })),
    );

    expect(new Set(told.map(({ text }) => text))).toEqual(new Set([`The file ${path} has been edited.`]));
    const log = await readFile(join(folder(), "log.md"), "utf8");
    expect(log.split("\n").toSorted()).toEqual([...lines, "end"].toSorted());
  });

  it("tells a token of another workspace nothing of what is stored", async () => {
    const canary = "canary-ostrich";
    await tell({ command: "create", path: `/memories/${canary}.md`, file_text: canary });
    const client = await server.connect(await tokenFor([OTHER], undefined));

    const own = await call(client, TOOL, { command: "view", path: `/memories/${canary}.md` });
    const others = [
      await call(client, TOOL, { command: "view", path: "/memories", binding }),
      await call(client, "read_knowledge", { workspace_id: ID, path: "/memories/any.md" }),
      await call(client, "search_knowledge", { query: "ostrich", mode: "literal" }),
    ];

    expect(own.text).toBe(`The path /memories/${canary}.md does not exist. Please provide a valid path.`);
    expect(others.map(({ text }) => text).join()).not.toContain(canary);
  });

  async function bindingOf(token: string): Promise<string> {
    const response = await server.api("workspaces", {
      method: "POST",
      body: JSON.stringify(NAME),
      headers: { "content-type": "application/json" },
      token,
    });
    return AiRegistration.parse(await response.json()).binding;
  }

  async function connect(token: string, more: Record<string, string>): Promise<Client> {
    const client = new Client({ name: "test", version: "1.0.0" });
    const requestInit = { headers: { authorization: `Bearer ${token}`, ...more } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
    return client;
  }

  async function tokenFor(
    workspaces: readonly string[],
    writes: readonly string[] | undefined,
  ): Promise<string> {
    const local = await readLocalAdmin(server.root);
    const response = await fetch(`${server.url}/api/v1/admin/tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${local?.token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "an AI", role: "ai", workspaces, writes }),
    });
    return z.object({ secret: z.string() }).parse(await response.json()).secret;
  }
});
