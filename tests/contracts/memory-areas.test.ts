import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import type { KnowledgeFilter } from "../../server/knowledge/listing.ts";
import type { KnowledgeStore } from "../../server/knowledge/store.ts";
import { openKnowledge } from "../support/knowledge.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Memories in the store of the documents: the same rules as for knowledge, in a place of their own. */

const ONE = Buffer.from("# One\n");
const TWO = Buffer.from("# Two\n");
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

async function paths(store: KnowledgeStore, id: string, filter: KnowledgeFilter = {}): Promise<string[]> {
  return (await store.list(id, filter)).entries.map(({ path }) => path);
}

describe("two documents", () => {
  it("are a knowledge file and a memory whose paths differ in the slash", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;

    await store.write(id, "memories/x.md", ONE);
    await store.memories(id).create("x.md", TWO);
    await store.delete(id, "memories/x.md");

    expect((await store.read(id, "/memories/x.md")).bytes).toEqual(TWO);
    await expect(store.read(id, "memories/x.md")).rejects.toMatchObject({ code: "not_found" });
    expect((await store.read(id, "memories/x.md", { version: 1 })).bytes).toEqual(ONE);
    expect(await readFile(join(folder, "memories/x.md"))).toEqual(TWO);
    expect(await readFile(join(folder, ".versions/memories/x.md/000001.md"))).toEqual(TWO);
  });

  it("may have names that differ in case, in two areas but not in one", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const memories = store.memories(id);
    await store.write(id, "Notes/a.md", ONE);

    expect(await memories.create("notes/a.md", ONE)).toBe("done");
    await expect(memories.create("Notes/b.md", ONE)).rejects.toMatchObject({ code: "conflict" });
    expect(await memories.create("notes", ONE)).toBe("exists");
  });
});

describe("a memory", () => {
  it("keeps its versions, and leaves no empty folder when it is deleted", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const memories = store.memories(id);
    await memories.create("a/b.md", ONE);
    await memories.replace("a/b.md", TWO, sha256(ONE));

    const deleted = await memories.remove("a/b.md");

    expect(deleted).toBe("done");
    for (const [index, bytes] of [ONE, TWO].entries())
      expect((await store.read(id, "/memories/a/b.md", { version: index + 1 })).bytes).toEqual(bytes);
    await expect(readFile(join(folder, "memories/a"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("may be written where there is as much knowledge as there may be", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await mkdir(join(folder, "knowledge/seed"), { recursive: true });
    for (let index = 0; index < LIMITS.knowledge.filesPerWorkspace; index++)
      await writeFile(join(folder, "knowledge/seed", `f${index}.md`), "");

    const created = await store.memories(id).create("a.md", ONE);

    expect(created).toBe("done");
    await expect(store.write(id, "a.md", ONE)).rejects.toMatchObject({ code: "too_large" });
  });

  it("takes no place of the knowledge's", async () => {
    await using opened = await openKnowledge();
    const { id, folder, store } = opened;
    await mkdir(join(folder, "memories"), { recursive: true });
    for (let index = 0; index < LIMITS.knowledge.filesPerWorkspace; index++)
      await writeFile(join(folder, "memories", `f${index}.md`), "");

    const written = await store.write(id, "a.md", ONE);

    expect(written.status).toBe("created");
  });
});

describe("the counts", () => {
  it("take in both, and say how many are memories, with each write and when counted anew", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.counts(id);

    await store.write(id, "a.md", ONE);
    await store.memories(id).create("b.md", Buffer.from("longer than that"));
    await store.memories(id).create("c.md", TWO);
    await store.memories(id).remove("c.md");

    const counts = { files: 2, bytes: 22, memories: { files: 1, bytes: 16 } };
    expect(await store.counts(id)).toMatchObject(counts);
    expect(await opened.reopen().counts(id)).toMatchObject(counts);
  });

  it("are those of the area that can be entered", async () => {
    await using opened = await openKnowledge();
    await using outside = await tempFolder();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await writeFile(join(outside.path, "x.md"), "x");
    await symlink(outside.path, join(folder, "memories"));

    const counts = await opened.reopen().counts(id);

    expect(counts).toMatchObject({ files: 1, memories: { files: 0 } });
  });
});

describe("a listing", () => {
  it("has the knowledge, then the memories, by pages and by what their paths begin with", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    for (const path of ["b.md", "a/z.md"]) await store.memories(id).create(path, ONE);
    for (const path of ["z.md", "+early.md", "memories/x.md"]) await store.write(id, path, ONE);
    const all = ["+early.md", "memories/x.md", "z.md", "/memories/a/z.md", "/memories/b.md"];

    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list(id, { limit: 1, cursor });
      pages.push(page.entries.map(({ path }) => path));
      cursor = page.next_cursor;
    } while (cursor !== undefined);

    expect(await paths(store, id)).toEqual(all);
    expect(pages.flat()).toEqual(all);
    for (const prefix of ["/", "/mem", "/memories", "/memories/"])
      expect(await paths(store, id, { prefix })).toEqual(all.slice(3));
    expect(await paths(store, id, { prefix: "/memories/a" })).toEqual(["/memories/a/z.md"]);
    expect(await paths(store, id, { prefix: "mem" })).toEqual(["memories/x.md"]);
  });

  it("has what people put there, but neither links, nor names that no memory has, nor what links lead to", async () => {
    await using opened = await openKnowledge();
    await using outside = await tempFolder();
    const { store, id, folder } = opened;
    const memories = join(folder, "memories");
    await mkdir(join(memories, "by hand"), { recursive: true });
    await mkdir(join(memories, ".hidden"));
    for (const name of ["by hand/note.txt", ".hidden/a.md", "~a.md", "aux", "a:b.md"])
      await writeFile(join(memories, name), "# By hand\n");
    await writeFile(join(memories, "shot.png"), PNG);
    await writeFile(join(outside.path, "secret.md"), "secret");
    await symlink(join(outside.path, "secret.md"), join(memories, "link.md"));
    await symlink(outside.path, join(memories, "linked"));

    const listed = await paths(store, id);

    expect(listed).toEqual(["/memories/by hand/note.txt", "/memories/shot.png"]);
    for (const path of ["/memories/link.md", "/memories/linked/secret.md"])
      await expect(store.read(id, path)).rejects.toMatchObject({ code: "forbidden" });
  });
});
