import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { failAt } from "../support/faults.ts";
import { fullDisk } from "../support/full-disk.ts";
import { openMemories } from "../support/memories.ts";

const ONE = Buffer.from("one\n");
const TWO = Buffer.from("two\n");

describe("a full disk", () => {
  it("refuses what takes room, and lets memories be deleted", async () => {
    await using opened = await openMemories();
    const { files } = opened;
    for (const path of ["a.md", "folder/b.md", "c.md"]) await files.create(path, ONE);
    using _full = fullDisk();

    await expect(files.create("d.md", ONE)).rejects.toMatchObject({ code: "storage_full" });
    await expect(files.replace("a.md", TWO, sha256(ONE))).rejects.toMatchObject({ code: "storage_full" });
    await expect(files.rename("a.md", "d.md")).rejects.toMatchObject({ code: "storage_full" });
    expect(await files.remove("a.md")).toBe("done");
    expect(await files.remove("folder")).toBe("done");
    await files.clear();

    expect(await files.list("")).toEqual([]);
  });

  it("stops a rename half-way only until there is room again", async () => {
    await using opened = await openMemories();
    const { files } = opened;
    await files.create("a/b.md", ONE);
    await files.create("a/c.md", TWO);
    {
      // The first and second writes are the intent's and the first copy's.
      using _full = await failAt(3, "ENOSPC", "write");

      await expect(files.rename("a", "d")).rejects.toMatchObject({
        code: "storage_full",
        message: expect.stringContaining("completed"),
      });
    }
    const between = (await files.list("")).map(({ path }) => path);
    await files.create("e.md", ONE);

    expect(between).toEqual(expect.arrayContaining(["a/b.md", "a/c.md"]));
    expect((await files.list("")).map(({ path }) => path)).toEqual(["d", "d/b.md", "d/c.md", "e.md"]);
  });

  it("stops no start: what was begun waits", async () => {
    await using opened = await openMemories();
    const { files, knowledge } = opened;
    await files.create("a.md", ONE);
    using full = await failAt(1, "ENOSPC", "utimes");
    await files.rename("a.md", "b.md").catch(() => undefined);
    {
      using _still = await failAt(1, "ENOSPC", "utimes");
      await opened.restart();
    }
    const again = await opened.restart();

    expect(full.reached).toBe(true);
    expect((await again.list("")).map(({ path }) => path)).toEqual(["b.md"]);
    expect(await readdir(join(knowledge.folder, ".versions"))).toEqual(["memories"]);
  });
});

describe("a damaged intent", () => {
  it("is set aside with its bytes, never guessed", async () => {
    await using opened = await openMemories();
    const { files, knowledge } = opened;
    const versions = join(knowledge.folder, ".versions");
    await files.create("a.md", ONE);
    for (const text of ["{", '{"v":2,"steps":[]}', '{"v":1,"steps":[{"delete":"auto/design.md"}]}']) {
      await writeFile(join(versions, "memories.intent.json"), text);

      await files.create(`${text.length}.md`, ONE);

      const aside = (await readdir(versions)).find((name) => name.includes(".damaged-")) ?? "none";
      expect(await readFile(join(versions, aside), "utf8")).toBe(text);
      await rename(join(versions, aside), join(knowledge.folder, "away"));
    }
    expect(await files.look("a.md")).toBe("file");
  });
});
