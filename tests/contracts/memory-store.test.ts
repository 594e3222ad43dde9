import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { openMemories } from "../support/memories.ts";
import { memoryFilesCases } from "./memory-files-suite.ts";
import { memoryPropertyCases } from "./memory-property-suite.ts";
import { memoryHelperCases } from "./memory-helper-suite.ts";
import { memorySdkCases } from "./memory-sdk-suite.ts";

const ONE = Buffer.from("one\n");
const TWO = Buffer.from("two\n");

describe("the memories of a workspace on the server", () => {
  memoryFilesCases({ openFolder: openMemories });
  memorySdkCases(openMemories);
  memoryHelperCases(openMemories);
  memoryPropertyCases(openMemories, { runs: 10 });
});

describe("what is not there any more", () => {
  it("stays readable as a version: replaced, deleted, moved away and cleared", async () => {
    await using opened = await openMemories();
    const { files, knowledge } = opened;
    const { store, id } = knowledge;
    const versionOf = async (path: string, version: number) =>
      (await store.read(id, `/memories/${path}`, { version })).bytes.toString();

    await files.create("a.md", ONE);
    await files.replace("a.md", TWO, sha256(ONE));
    await files.rename("a.md", "folder/b.md");
    await files.create("folder/c.md", ONE);
    await files.remove("folder");
    await files.create("d.md", ONE);
    await files.clear();

    expect(await versionOf("a.md", 1)).toBe("one\n");
    expect(await versionOf("a.md", 2)).toBe("two\n");
    expect(await versionOf("folder/b.md", 1)).toBe("two\n");
    expect(await versionOf("folder/c.md", 1)).toBe("one\n");
    expect(await versionOf("d.md", 1)).toBe("one\n");
    expect(await files.list("")).toEqual([]);
  });

  it("goes on with the numbers of an address that is used again", async () => {
    await using opened = await openMemories();
    const { files, knowledge } = opened;
    await files.create("a.md", ONE);
    await files.remove("a.md");

    await files.create("b.md", TWO);
    await files.rename("b.md", "a.md");

    const { version, bytes } = await knowledge.store.read(knowledge.id, "/memories/a.md");
    expect([version, bytes.toString()]).toEqual([3, "two\n"]);
  });

  it("leaves no folder and no file of ours behind", async () => {
    await using opened = await openMemories();
    const { files, folder, knowledge } = opened;
    for (const path of ["a/b/c.md", "a/d.md", "e.md"]) await files.create(path, ONE);
    await mkdir(join(folder, "a/empty/deeper"), { recursive: true });

    await files.rename("a", "x/y");
    await files.remove("x");
    await files.remove("e.md");

    expect(await readdir(folder)).toEqual([]);
    expect(await readdir(join(knowledge.folder, ".versions"))).toEqual(["memories"]);
  });
});

describe("quotas", () => {
  it("takes as many memories as it may hold, and says what to do with one more", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    await mkdir(folder);
    for (let n = 1; n < LIMITS.memories.files; n++) await writeFile(join(folder, `${n}.md`), "x");
    await opened.restart();

    const last = await files.create("last.md", ONE);

    expect(last).toBe("done");
    await expect(files.create("more.md", ONE)).rejects.toMatchObject({
      code: "too_large",
      hint: expect.stringContaining("Delete"),
    });
    expect(await files.rename("last.md", "renamed.md")).toBe("done");
    expect(await files.remove("1.md")).toBe("done");
    expect(await files.create("more.md", ONE)).toBe("done");
  });

  it("takes as many bytes as it may hold, counting what a replaced text leaves", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    const text = Buffer.alloc(LIMITS.knowledge.fileBytes, "x");
    await mkdir(folder);
    for (let n = 1; n < LIMITS.memories.bytes / LIMITS.knowledge.fileBytes; n++)
      await writeFile(join(folder, `${n}.md`), text);

    const last = await files.create("last.md", text.subarray(1));

    expect(last).toBe("done");
    await expect(files.create("more.md", ONE)).rejects.toMatchObject({ code: "too_large" });
    expect(await files.replace("last.md", text, sha256(text.subarray(1)))).toBe("done");
    expect(await files.replace("last.md", ONE, sha256(text))).toBe("done");
    expect(await files.create("more.md", ONE)).toBe("done");
  });
});

describe("renaming", () => {
  it("lets one of two win that want the same name, and loses neither file", async () => {
    await using opened = await openMemories();
    const { files } = opened;
    await files.create("a.md", ONE);
    await files.create("b.md", TWO);

    const answers = await Promise.all([
      files.rename("a.md", "c.md"),
      files.rename("b.md", "c.md"),
      files.create("c.md", Buffer.from("three")),
    ]);

    expect(answers.toSorted()).toEqual(["done", "exists", "exists"]);
    const texts = (await files.list("")).map(async ({ path }) => (await files.read(path))?.bytes.toString());
    expect(await Promise.all(texts)).toEqual(expect.arrayContaining(["one\n", "two\n"]));
  });

  it("makes a file of its own of the copy: two histories are never one file", async () => {
    await using opened = await openMemories();
    const { files, folder, knowledge } = opened;
    await files.create("a.md", ONE);

    await files.rename("a.md", "b.md");

    const moved = await stat(join(folder, "b.md"));
    const old = await stat(join(knowledge.folder, ".versions/memories/a.md/000001.md"));
    expect(moved.ino).not.toBe(old.ino);
    expect(moved.mode & 0o777).toBe(0o600);
  });

  it("refuses a new name that makes a path no file can have", async () => {
    await using opened = await openMemories();
    const { files } = opened;
    const deep = Array.from({ length: 14 }, () => "d").join("/");
    await files.create("a/b/c.md", ONE);

    await expect(files.rename("a", deep)).rejects.toMatchObject({ code: "conflict" });

    expect(await files.look("a/b/c.md")).toBe("file");
  });
});
