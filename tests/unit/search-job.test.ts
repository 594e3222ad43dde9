import { wordsOf } from "../../server/search/words/words.ts";
import { expect, it } from "vitest";
import { IndexReader } from "../../server/index/lookup/reader.ts";
import type { Part, Source, Task } from "../../server/search/scan/job.ts";
import { doJob } from "../../server/search/pool/do-job.ts";
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

  const files = parts.flatMap((part) =>
    part.type === "files"
      ? part.files.map((file) => ({ ...file, of: sources[part.sourceNumber]?.workspaceId }))
      : [],
  );
  expect(files.map(({ of, path, sizeBytes, isNamed }) => [of, path, sizeBytes, isNamed])).toEqual([
    [WORKSPACE, undefined, 2, false],
    [WORKSPACE, "a.md", 1, false],
    [WORKSPACE, "flows/checkout.md", 5, true],
    ["linked-x-y", undefined, 1, false],
  ]);
  expect(parts.filter(({ type }) => type === "reached")).toHaveLength(4);
});
