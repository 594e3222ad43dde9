import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { expect, it } from "vitest";
import { KnowledgeAnswer } from "../../contract/search.ts";
import { AiRegistration } from "../../contract/wire.ts";
import { call } from "../support/answers.ts";
import { indexSettled } from "../support/index-status.ts";
import { startServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ID = "laptop-codex-notes";
const FILES = ["from/a.md", "from/b/c.md"];

it("completes at its start what was begun before, and finds it where it is then", async () => {
  await using folder = await tempFolder();
  const versions = join(folder.path, "workspaces", ID, ".versions");
  {
    await using before = await startServer({ root: folder.path });
    const tell = await teller(await before.connectAi());
    for (const path of FILES)
      await tell({ command: "create", path: `/memories/${path}`, file_text: "quillfeather" });
    await indexSettled(folder.path);
  }
  const steps = FILES.map((path) => ({
    from: `/memories/${path}`,
    to: `/memories/${path.replace("from", "to")}`,
  }));
  await writeFile(join(versions, "memories.intent.json"), JSON.stringify({ v: 1, steps }));

  await using server = await startServer({ root: folder.path });
  const ai = await server.connectAi();
  const { text } = await (await teller(ai))({ command: "view", path: "/memories" });
  await indexSettled(folder.path);
  const { structured } = await call(ai, "search_knowledge", { query: "quillfeather", mode: "literal" });

  expect(text.split("\n").slice(1)).toEqual([
    "24B\t/memories",
    "24B\t/memories/to/",
    "12B\t/memories/to/a.md",
    "12B\t/memories/to/b/",
  ]);
  expect(
    KnowledgeAnswer.parse(structured)
      .hits.map(({ path }) => path)
      .toSorted(),
  ).toEqual(["/memories/to/a.md", "/memories/to/b/c.md"]);
  expect(await readdir(versions)).toEqual(["memories"]);
});

/** Tells the memory tool something, in the workspace of this test. */
async function teller(client: Client) {
  const name = { machine: "laptop", tool: "codex", project: "notes" };
  const { binding } = AiRegistration.parse((await call(client, "register_workspace", name)).structured);
  return (command: object) => call(client, "memory_20250818", { ...command, binding });
}
