import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { BridgeProcess, type Said } from "../support/bridge-process.ts";
import { buildBundle, Machine } from "../support/memory-sync.ts";

const MEMORY = "memory_20250818";
const START = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
};

beforeAll(buildBundle);

/** One command of the memory tool; gives the text of its answer. */
async function told(bridge: BridgeProcess, id: number, command: object): Promise<string> {
  return textOf(await bridge.ask(id, "tools/call", { name: MEMORY, arguments: command }));
}

function textOf({ result, error }: Said): string {
  const { content = [] }: { content?: { text?: string }[] } = Object(result);
  return content[0]?.text ?? JSON.stringify(error);
}

const insert = (insert_text: string, path = "/memories/log.md") => ({
  command: "insert",
  path,
  insert_line: 0,
  insert_text,
});

describe("memory-sync mcp --local", () => {
  it("is a server called memory with one tool, for clients of both eras", async () => {
    await using machine = await Machine.create();
    const starter = { ...machine.starter(["mcp", "--local", "notes"], "bundle"), stderr: "pipe" as const };
    const modern = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const old = new OldClient({ name: "t", version: "1" });

    await modern.connect(new StdioClientTransport(starter));
    await old.connect(new OldTransport(starter));
    const listed = [await modern.listTools(), await old.listTools()];
    const created = await modern.callTool({
      name: MEMORY,
      arguments: { command: "create", path: "/memories/a/b.md", file_text: "one\n" },
    });
    const viewed = await old.callTool({ name: MEMORY, arguments: { command: "view", path: "/memories" } });
    const unknown = await old.callTool({ name: "memory", arguments: {} }).catch(String);
    const names = [modern.getServerVersion()?.name, old.getServerVersion()?.name];
    await Promise.all([modern.close(), old.close()]);

    expect(names).toEqual(["memory", "memory"]);
    expect(listed.map(({ tools }) => tools)).toEqual([[LISTED], [LISTED]]);
    expect(created).toMatchObject({ content: [{ text: "File created successfully at: /memories/a/b.md" }] });
    expect(viewed).toMatchObject({
      content: [
        { text: expect.stringMatching(/:\n4B\t\/memories\n4B\t\/memories\/a\/\n4B\t\/memories\/a\/b\.md$/) },
      ],
    });
    expect(unknown).toContain("Unknown tool");
  });

  it("needs no server, no token, no settings and no home that can be written", async () => {
    await using machine = await Machine.create({ MEMORY_DIR: "" });
    await using place = await Machine.create();
    const folder = place.path("new/memory");
    await machine.write(".memory-sync/config.json", "{ broken");
    await chmod(machine.home, 0o500);

    await using bridge = new BridgeProcess(machine, ["--local", folder], "bundle");
    await bridge.ask("start", "initialize", START);
    const answer = await told(bridge, 1, { command: "create", path: "/memories/a.md", file_text: "a" });
    await chmod(machine.home, 0o700);

    expect(answer).toBe("File created successfully at: /memories/a.md");
    expect(await bridge.end()).toBe(0);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(["a.md"]);
    expect(await readdir(machine.home, { recursive: true })).toEqual([
      ".memory-sync",
      ".memory-sync/config.json",
    ]);
  });

  it("takes its folder from MEMORY_DIR, unless --local names one; either may be a link", async () => {
    await using machine = await Machine.create({ MEMORY_DIR: "~/by-variable" });
    await mkdir(machine.path("real"));
    await symlink(machine.path("real"), machine.path("by-variable"));
    await using one = new BridgeProcess(machine);
    await using two = new BridgeProcess(machine, ["--local", "by-option"]);

    await told(one, 1, { command: "create", path: "/memories/one", file_text: "1" });
    await told(two, 1, { command: "create", path: "/memories/two", file_text: "2" });

    expect(await readdir(machine.path("real"))).toEqual(["one"]);
    expect(await readdir(machine.path("by-option"))).toEqual(["two"]);
    expect(one.stderr).toBe("memory-sync mcp: the memory in ~/by-variable\n");
  });

  it("does not start where its folder is a file", async () => {
    await using machine = await Machine.create();
    await machine.write("notes", "mine");

    const ended = await machine.run(["mcp", "--local", "notes"]);

    expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^error: .*notes/) });
    expect(await readdir(machine.home)).toEqual(["notes"]);
  });

  it("says what is wrong in the words of the tool", async () => {
    await using machine = await Machine.create();
    await mkdir(machine.path("m"));
    await writeFile(machine.path("m/photo.png"), Buffer.from("89504e470d0a1a0a00", "hex"));
    await symlink("/etc/hostname", machine.path("m/link.md"));
    await using bridge = new BridgeProcess(machine, ["--local", "m"]);
    const call = (id: number, args: unknown) =>
      bridge.ask(id, "tools/call", { name: MEMORY, arguments: args });

    const answers = [
      await call(1, { command: "view" }),
      await call(2, { command: "look", path: "/memories" }),
      await call(3, { command: "view", path: "/memories", depth: 3 }),
      await call(4, { command: "view", path: "/etc/passwd" }),
      await call(5, { command: "view", path: "/memories/link.md" }),
      await call(6, undefined),
    ];
    const image = await call(7, { command: "view", path: "/memories/photo.png" });

    expect(answers.map(({ result }) => Object(result).isError)).toEqual(answers.map(() => true));
    expect(answers.map(textOf)).toEqual([
      'Error: The command "view" needs path',
      expect.stringMatching(/^Error: command: Invalid option/),
      'Error: Unrecognized key: "depth"',
      "Path must start with /memories, got: /etc/passwd",
      "Path would escape /memories directory via symlink",
      expect.stringMatching(/^Error: command: /),
    ]);
    expect(image.result).toMatchObject({ content: [{ type: "image", mimeType: "image/png" }] });
  });

  it("CP 4.2: loses no edit of eight programs that write one file while others are renamed", async () => {
    await using machine = await Machine.create();
    const bridges = Array.from(
      { length: 8 },
      () => new BridgeProcess(machine, ["--local", "shared"], "bundle"),
    );
    const [first] = bridges;
    if (first === undefined) throw new Error("there are eight");
    await told(first, 0, { command: "create", path: "/memories/log.md", file_text: "" });

    const failures = await Promise.all(bridges.map((bridge, index) => writeLines(bridge, index)));
    const codes = await Promise.all(bridges.map((bridge) => bridge.end()));

    expect(failures.flat()).toEqual([]);
    expect(codes).toEqual(bridges.map(() => 0));
    const lines = (await readFile(machine.path("shared/log.md"), "utf8")).trimEnd().split("\n");
    const expected = bridges.flatMap((_, index) => Array.from({ length: 75 }, (_, n) => `${index}-${n}`));
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect((await readdir(machine.path("shared"))).toSorted()).toEqual(["log.md", ...MOVED]);
  }, 120_000);

  it("goes on where a program was killed inside a change", async () => {
    await using machine = await Machine.create();
    await using victim = new BridgeProcess(machine, ["--local", "shared"], "bundle");
    await told(victim, 0, { command: "create", path: "/memories/log.md", file_text: "" });
    for (let id = 1; id <= 200; id += 1)
      victim.request(id, "tools/call", { name: MEMORY, arguments: insert(`${id}`) });
    await victim.answerTo(20);

    victim.child.kill("SIGKILL");
    await using next = new BridgeProcess(machine, ["--local", "shared"], "bundle");
    const answer = await told(next, 1, insert("after"));

    expect(answer).toBe("The file /memories/log.md has been edited.");
    const lines = (await readFile(machine.path("shared/log.md"), "utf8")).trimEnd().split("\n");
    const acknowledged = victim.messages.map(({ id }) => String(id)).filter((id) => id !== "0");
    expect(lines).toEqual(expect.arrayContaining(["after", ...acknowledged]));
    // What was under way may have happened without being acknowledged.
    expect(lines.length).toBeLessThanOrEqual(acknowledged.length + LIMITS.client.mcpCalls + 2);
    expect(new Set(lines).size).toBe(lines.length);
  });
});

const MOVED = Array.from({ length: 8 }, (_, index) => `moved-${index}.md`);

/** 75 lines of its own into the common file, and a file of its own that is renamed to and fro. Gives what was refused. */
async function writeLines(bridge: BridgeProcess, index: number): Promise<string[]> {
  const [here, there] = [`/memories/moved-${index}.md`, `/memories/there/${index}.md`];
  const refused: string[] = [];
  const tell = async (id: number, command: object): Promise<void> => {
    const text = await told(bridge, id, command);
    if (!/^(?:File created|The file .* has been|Successfully)/.test(text)) refused.push(text);
  };
  await tell(1000, { command: "create", path: here, file_text: "x" });
  for (let n = 0; n < 75; n += 1) {
    await tell(n + 1, insert(`${index}-${n}`));
    if (n % 15 !== 0) continue;
    await tell(n + 2000, { command: "rename", old_path: here, new_path: there });
    await tell(n + 3000, { command: "rename", old_path: there, new_path: here });
  }
  return refused;
}

const LISTED = {
  name: MEMORY,
  title: expect.any(String),
  description: "Persistent memory tool for Claude Code (file-backed storage).",
  inputSchema: expect.objectContaining({ required: ["command"], additionalProperties: false }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  _meta: { "anthropic/alwaysLoad": true },
};
