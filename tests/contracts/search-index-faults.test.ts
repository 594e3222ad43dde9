import { rm, symlink, truncate, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import type * as z from "zod";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { indexFile, indexFolder, INDEX_KINDS } from "../../server/index/database/places.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import { BuiltIndex } from "../support/built-index.ts";
import { SearchMemory } from "../support/search-memory.ts";

const WORKSPACE = "laptop-claude-webshop";
const PATIENT_MS = 60_000;
const MODES = ["literal", "regex", "ranked"] as const;

/** A memory with an index and a search that uses it. */
class FaultLab implements AsyncDisposable {
  readonly memory: SearchMemory;
  readonly index: BuiltIndex;
  readonly search: SearchEngine;

  private constructor(memory: SearchMemory, index: BuiltIndex) {
    this.memory = memory;
    this.index = index;
    const { root, archives } = memory;
    this.search = new SearchEngine({ root, archives, index, timeMs: PATIENT_MS });
  }

  static async make(): Promise<FaultLab> {
    const memory = await SearchMemory.make();
    for (const file of [1, 2, 3]) {
      await memory.knowledge(
        WORKSPACE,
        `${file}.md`,
        `# File ${file}\nquetzal\n`,
        `2026-11-0${file}T00:00:00Z`,
      );
      await memory.session(WORKSPACE, `s${file}`, `2026-11-0${file}T00:00:00Z`, [
        { role: "user", text: "quetzal" },
      ]);
    }
    return new FaultLab(memory, await BuiltIndex.of(memory));
  }

  knowledge(input: z.input<typeof KnowledgeQuery>) {
    const query = KnowledgeQuery.parse({ explain: true, ...input });
    return this.search.knowledge(query, [this.memory.workspace(WORKSPACE)]);
  }

  sessions(input: z.input<typeof SessionQuery>) {
    const query = SessionQuery.parse({ explain: true, ...input });
    return this.search.sessions(query, [this.memory.workspace(WORKSPACE)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.search.close();
    await this.memory[Symbol.asyncDispose]();
  }
}

interface Found {
  names: string;
  /** Documents that the index spoke for. */
  indexed: number;
  partial: boolean;
}

/** What both kinds of search find in all modes. */
async function foundIn(lab: FaultLab): Promise<Found[]> {
  const found: Found[] = [];
  for (const mode of MODES) {
    const knowledge = await lab.knowledge({ query: "quetzal", mode });
    const sessions = await lab.sessions({ query: "quetzal", mode });
    const answers = [
      { ...knowledge, names: knowledge.hits.map(({ path }) => path) },
      { ...sessions, names: sessions.hits.map(({ session_id }) => session_id) },
    ];
    for (const { names, partial, explain } of answers)
      found.push({ names: names.join(" "), partial, indexed: explain?.documents.indexed ?? 0 });
  }
  return found;
}

const FILES = "3.md 2.md 1.md";
const SESSIONS = "s3 s2 s1";
/** As `foundIn` says it, where so many documents were in the index. */
const all = (indexed: number) =>
  MODES.flatMap(() => [FILES, SESSIONS].map((names) => ({ names, indexed, partial: false })));

it("reads nothing but what the index names", async () => {
  await using lab = await FaultLab.make();

  const literal = await lab.knowledge({ query: "quetzal", mode: "literal" });

  expect(literal.explain?.legs.map(({ name, candidates }) => [name, candidates])).toEqual([
    ["grams", 3],
    ["reading", 3],
  ]);
  expect(await foundIn(lab)).toEqual(all(3));
});

const DAMAGES: { name: string; damage: (root: string) => Promise<unknown>; isDamaged: boolean }[] = [
  {
    name: "is deleted",
    damage: (root) => rm(indexFolder(root), { recursive: true }),
    isDamaged: false,
  },
  {
    name: "is a file",
    damage: async (root) => {
      await rm(indexFolder(root), { recursive: true });
      await writeFile(indexFolder(root), "no folder");
    },
    isDamaged: false,
  },
  {
    name: "cannot be entered",
    damage: async (root) => {
      await rm(indexFolder(root), { recursive: true });
      await symlink(indexFolder(root), indexFolder(root));
    },
    isDamaged: false,
  },
  {
    name: "is of another version",
    damage: async (root) => {
      for (const kind of INDEX_KINDS) {
        using database = new DatabaseSync(indexFile(root, kind));
        database.exec("pragma user_version = 99");
      }
    },
    isDamaged: false,
  },
  {
    name: "is overwritten",
    damage: (root) =>
      Promise.all(
        INDEX_KINDS.map((kind) => writeFile(indexFile(root, kind), "not a database ".repeat(1000))),
      ),
    isDamaged: true,
  },
  {
    name: "is cut off",
    damage: (root) => Promise.all(INDEX_KINDS.map((kind) => truncate(indexFile(root, kind), 8192))),
    isDamaged: true,
  },
];

it.each(DAMAGES)("reads everything when the index $name", async ({ damage, isDamaged }) => {
  await using lab = await FaultLab.make();

  await damage(lab.memory.root);

  expect(await foundIn(lab)).toEqual(all(0));
  expect(new Set(lab.index.damages)).toEqual(new Set(isDamaged ? INDEX_KINDS : []));
});

it.each(DAMAGES)("reads everything when the index $name while it is used", async ({ damage }) => {
  await using lab = await FaultLab.make();
  await foundIn(lab);

  await damage(lab.memory.root);

  for (const [place, { names, partial }] of (await foundIn(lab)).entries())
    expect({ names, partial }).toEqual({ names: [FILES, SESSIONS][place % 2], partial: false });
});

it("does not take another database for the one it was told of", async () => {
  await using lab = await FaultLab.make();
  await foundIn(lab);

  await rm(indexFolder(lab.memory.root), { recursive: true });
  await BuiltIndex.of(lab.memory, { isIndexed: () => false });

  expect(await foundIn(lab)).toEqual(all(0));
});

it("finds files as they are now, not as the index has them", async () => {
  await using lab = await FaultLab.make();
  await lab.memory.knowledge(WORKSPACE, "1.md", "# Changed\nquokka\n", "2026-11-09T00:00:00Z");
  await lab.memory.knowledge(WORKSPACE, "4.md", "# New\nquokka quetzal\n", "2026-11-08T00:00:00Z");
  await rm(`${lab.memory.root}/workspaces/${WORKSPACE}/knowledge/2.md`);
  for (const path of ["1.md", "2.md", "4.md"]) lab.index.changed(WORKSPACE, path);

  for (const mode of MODES) {
    const old = await lab.knowledge({ query: "quetzal", mode });
    const fresh = await lab.knowledge({ query: "quokka", mode });

    expect(old.hits.map(({ path }) => path).sort()).toEqual(["3.md", "4.md"]);
    expect(fresh.hits.map(({ path }) => path).sort()).toEqual(["1.md", "4.md"]);
  }
});

it("says nothing of files that are gone, whatever the index says", async () => {
  await using lab = await FaultLab.make();
  await rm(`${lab.memory.root}/workspaces/${WORKSPACE}/knowledge/2.md`);

  for (const mode of MODES) {
    const answer = await lab.knowledge({ query: "quetzal", mode });

    expect(answer.hits.map(({ path }) => path)).toEqual(["3.md", "1.md"]);
    expect(answer).toMatchObject({ partial: false });
  }
});

it("goes on with a cursor when the index comes and goes", async () => {
  await using lab = await FaultLab.make();

  for (const mode of ["literal", "regex"] as const) {
    const first = await lab.sessions({ query: "quetzal", mode, limit: 1 });
    await rm(indexFolder(lab.memory.root), { recursive: true, force: true });
    const second = await lab.sessions({ query: "quetzal", mode, limit: 1, cursor: first.next_cursor });
    const last = await lab.sessions({ query: "quetzal", mode, limit: 1, cursor: second.next_cursor });

    expect([first, second, last].map(({ hits }) => hits[0]?.session_id)).toEqual(["s3", "s2", "s1"]);
  }
});
