import { link, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failAt } from "../support/faults.ts";
import { openKnowledge } from "../support/knowledge.ts";
import { meanwhile } from "../support/meanwhile.ts";

const OURS = Buffer.from("ours");

describe("a file that may only be created", () => {
  it("leaves a file alone that a person puts there at the last moment", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const file = join(folder, "knowledge/a.md");
    // The first link makes the version, the second one the file.
    using person = meanwhile({ name: "link", at: 2 }, () => writeFile(file, "by hand"));

    await expect(store.write(id, "a.md", OURS, "")).rejects.toMatchObject({ code: "conflict" });

    expect(person.reached).toBe(true);
    expect(await readFile(file, "utf8")).toBe("by hand");
    expect(await readdir(join(folder, ".versions/knowledge/a.md"))).toEqual([]);
    expect(await readdir(join(folder, "knowledge"))).toEqual(["a.md"]);
  });

  it("is one file with its version, and has no third name", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;

    await store.write(id, "a.md", OURS, "");

    expect((await stat(join(folder, "knowledge/a.md"))).nlink).toBe(2);
    expect(await readdir(join(folder, "knowledge"))).toEqual(["a.md"]);
  });

  it("is created where the file system has no hard links, and not over another", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    using noLink = await failAt(2, "EPERM", "link");

    await store.write(id, "a.md", OURS, "");

    expect(noLink.reached).toBe(true);
    expect(await readFile(join(folder, "knowledge/a.md"))).toEqual(OURS);
    await expect(store.write(id, "a.md", Buffer.from("other"), "")).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is refused without hard links too, when a person was there first", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const file = join(folder, "knowledge/a.md");
    using noLink = await failAt(2, "EPERM", "link");
    using person = meanwhile({ name: "link", at: 2 }, () => writeFile(file, "by hand"));

    await expect(store.write(id, "a.md", OURS, "")).rejects.toMatchObject({ code: "conflict" });

    expect([noLink.reached, person.reached]).toEqual([true, true]);
    expect(await readFile(file, "utf8")).toBe("by hand");
  });

  it("is whole after a start that finds it under the name it had before, too", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const file = join(folder, "knowledge/a.md");
    await store.write(id, "a.md", OURS, "");
    await link(file, join(folder, "knowledge/.tmp-1-00"));

    await opened.reopen().recover([id]);

    expect(await readFile(file)).toEqual(OURS);
    expect(await readdir(join(folder, "knowledge"))).toEqual(["a.md"]);
    expect(await readdir(join(folder, ".versions/knowledge/a.md"))).toEqual(["000001.md"]);
  });
});
