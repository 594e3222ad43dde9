import { rm } from "node:fs/promises";
import { join } from "node:path";
import { wordsOf } from "../../server/search/words/words.ts";
import { expect, it } from "vitest";
import { literalQuery } from "../../server/index/lookup/row-query.ts";
import { IndexReader } from "../../server/index/lookup/reader.ts";
import type { Part, Source, Task } from "../../server/search/scan/job.ts";
import { doJob } from "../../server/search/pool/do-job.ts";
import { BuiltIndex } from "../support/built-index.ts";
import { SearchMemory } from "../support/search-memory.ts";

const WORKSPACE = "laptop-claude-webshop";

function partsOf(root: string, task: Task, sources: Source[]): Promise<Part[]> {
  const index = new IndexReader(root);
  return Array.fromAsync(doJob({ root, index }, { task, filter: {}, sources }, () => false));
}

it("finds no more lines than are wanted, in one file or in many", async () => {
  await using memory = await SearchMemory.make();
  const sources = ["a.md", "b.md", "c.md"].map(
    (path) => ({ kind: "knowledge", workspaceId: WORKSPACE, path, fromLine: 1 }) as const,
  );
  for (const { path } of sources) await memory.knowledge(WORKSPACE, path, "word\n".repeat(4));

  const counts = [3, 4, 6].map(async (want) => {
    const parts = await partsOf(memory.root, { kind: "literal", needles: ["word"], want }, sources);
    return parts.flatMap((part) => (part.type === "lines" ? part.lines : [])).length;
  });

  expect(await Promise.all(counts)).toEqual([3, 4, 6]);
});

it("reads the newest files when the index names them, as many as it takes for the lines", async () => {
  await using memory = await SearchMemory.make();
  for (let file = 1; file <= 6; file += 1)
    await memory.knowledge(WORKSPACE, `${file}.md`, "# T\nneedle\n\nneedle", `2026-11-0${file}T00:00:00Z`);
  await memory.knowledge(WORKSPACE, "gone.md", "needle", "2026-11-09T00:00:00Z");
  await BuiltIndex.of(memory);
  await rm(join(memory.root, "workspaces", WORKSPACE, "knowledge/gone.md"));
  const among = { workspaces: [WORKSPACE] };
  const ask = { query: literalQuery(["needle"], "knowledge") ?? {}, among, from: undefined, take: 64 };
  const read = { kind: "literal", needles: ["needle"], want: 5 } as const;

  const [part] = await partsOf(memory.root, { kind: "newest", ask, read }, [
    { kind: "index", of: "knowledge" },
  ]);

  if (part?.type !== "foundFiles") throw new Error("no files were named");
  const { found, said } = part;
  expect(found.answer.found.map(({ path }) => path)).toEqual(["gone.md", "6.md", "5.md", "4.md"]);
  expect("next" in found.answer && found.answer.next?.timeMs).toBe(Date.parse("2026-11-03T00:00:00Z"));
  expect(said.map((parts) => parts.flatMap((each) => (each.type === "lines" ? each.lines : [])))).toEqual([
    [],
    ...Array.from({ length: 3 }, () => [
      { line: 2, snippet: "needle" },
      { line: 4, snippet: "needle" },
    ]),
  ]);
  expect(said.map((parts) => parts.at(-1)?.type)).toEqual(Array.from({ length: 4 }, () => "reached"));
});

it("lists what can be searched, and nothing through a link", async () => {
  await using memory = await SearchMemory.make();
  await memory.knowledge(WORKSPACE, "flows/checkout.md", "12345");
  await memory.knowledge(WORKSPACE, "a.md", "1");
  await memory.file(WORKSPACE, "overview.md", "12");
  await memory.link(WORKSPACE, "knowledge/link.md", "a.md");
  await memory.link(WORKSPACE, "knowledge/folder", "flows");
  await memory.file("linked-x-y", "overview.md", "1");
  await memory.link("linked-x-y", "knowledge", `../${WORKSPACE}/knowledge`);
  await memory.link("a-b-c", ".", WORKSPACE);
  const words = wordsOf("checkout");
  const sources = [WORKSPACE, "linked-x-y", "a-b-c", "missing-x-y"].map(
    (workspaceId) => ({ kind: "workspace", workspaceId }) as const,
  );

  const parts = await partsOf(memory.root, { kind: "list", words }, sources);

  const files = parts.flatMap((part) => {
    if (part.type !== "files" && part.type !== "folder") return [];
    const of = sources[part.sourceNumber]?.workspaceId;
    if (part.type === "files")
      return part.files.map(({ path, sizeBytes, isNamed }) => [of, path, sizeBytes, isNamed]);
    const { above, names, sizesBytes } = part.folder;
    return names.split("/").map((name, place) => [of, `${above}${name}`, sizesBytes[place], false]);
  });
  expect(files).toEqual([
    [WORKSPACE, undefined, 2, false],
    [WORKSPACE, "a.md", 1, false],
    [WORKSPACE, "flows/checkout.md", 5, true],
    ["linked-x-y", undefined, 1, false],
  ]);
  expect(parts.filter(({ type }) => type === "reached")).toHaveLength(4);
});
