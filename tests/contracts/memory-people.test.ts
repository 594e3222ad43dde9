import { mkdir, readdir, readFile, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { meanwhile } from "../support/meanwhile.ts";
import { openMemories } from "../support/memories.ts";

const TWO = Buffer.from("two\n");
const ONE = Buffer.from("one\n");

describe("a person who works in the folder meanwhile", () => {
  it("loses nothing to a creation at the last moment", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    const file = join(folder, "a.md");
    using person = meanwhile({ name: "link", at: 2 }, () => writeFile(file, "by hand"));

    expect(await files.create("a.md", ONE)).toBe("exists");

    expect(person.reached).toBe(true);
    expect(await readFile(file, "utf8")).toBe("by hand");
  });

  it("loses nothing to a file that is moved there at the last moment, and nothing was moved", async () => {
    await using opened = await openMemories();
    const { files, folder, knowledge } = opened;
    await files.create("a.md", ONE);
    using person = meanwhile({ name: "link", at: 2 }, () => writeFile(join(folder, "b.md"), "by hand"));

    expect(await files.rename("a.md", "b.md")).toBe("exists");

    expect(person.reached).toBe(true);
    expect(await readFile(join(folder, "b.md"), "utf8")).toBe("by hand");
    expect(await readFile(join(folder, "a.md"))).toEqual(ONE);
    expect(await readdir(join(knowledge.folder, ".versions"))).toEqual(["memories"]);
  });

  it("keeps an edit of a file that is moved away at that moment", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    await files.create("a.md", ONE);
    using person = meanwhile({ name: "link", at: 2 }, async () => {
      await writeFile(join(folder, "new"), "edited");
      await rename(join(folder, "new"), join(folder, "a.md"));
    });

    await expect(files.rename("a.md", "b.md")).rejects.toMatchObject({ code: "conflict" });

    expect(person.reached).toBe(true);
    expect(await readFile(join(folder, "a.md"), "utf8")).toBe("edited");
    expect(await readFile(join(folder, "b.md"))).toEqual(ONE);
  });

  it("may put a link in the place of a file that is being moved: it is neither followed nor moved", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    await files.create("a.md", ONE);
    // The first rename puts the intent in its place.
    using person = meanwhile({ name: "rename", at: 1 }, async () => {
      await unlink(join(folder, "a.md"));
      await symlink("/etc/passwd", join(folder, "a.md"));
    });

    await expect(files.rename("a.md", "b.md")).rejects.toMatchObject({ code: "conflict" });

    expect(person.reached).toBe(true);
    expect(await readdir(folder)).toEqual(["a.md"]);
  });

  it("may delete a file that is being deleted, moved or edited, and nobody is told of a failure", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    const gone = (name: string) => () => unlink(join(folder, name));
    for (const name of ["a.md", "b.md", "c.md"]) await files.create(name, ONE);

    // Links: the mark of the deletion; the copy's version, the copy, and the mark of the old file's.
    {
      using person = meanwhile({ name: "link", at: 1 }, gone("a.md"));
      expect(await files.remove("a.md")).toBe("missing");
      expect(person.reached).toBe(true);
    }
    {
      using person = meanwhile({ name: "link", at: 3 }, gone("b.md"));
      expect(await files.rename("b.md", "d.md")).toBe("done");
      expect(person.reached).toBe(true);
    }
    {
      using person = meanwhile({ name: "link", at: 1 }, gone("c.md"));
      expect(await files.replace("c.md", TWO, sha256(ONE))).toBe("done");
      expect(person.reached).toBe(true);
    }

    expect((await files.list("")).map(({ path }) => path)).toEqual(["c.md", "d.md"]);
  });

  it("may put files there, which are shown, moved, deleted, and kept as versions", async () => {
    await using opened = await openMemories();
    const { files, folder, knowledge } = opened;
    await mkdir(join(folder, "photos"), { recursive: true });
    await writeFile(join(folder, "photos/cat.png"), Buffer.from([0x89, 0x50, 0, 0xff]));

    const listed = await files.list("");
    const moved = await files.rename("photos", "pictures");
    const removed = await files.remove("pictures/cat.png");

    expect(listed.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["photos", 4],
      ["photos/cat.png", 4],
    ]);
    expect([moved, removed]).toEqual(["done", "done"]);
    const kept = await knowledge.store.read(knowledge.id, "/memories/photos/cat.png", { version: 1 });
    expect(kept.bytes).toHaveLength(4);
  });

  it("stops a change of a folder that holds a link or a strange name, and nothing is done", async () => {
    await using opened = await openMemories();
    const { files, folder } = opened;
    await files.create("a/b.md", ONE);
    for (const [put, path] of [
      [() => symlink("/etc/passwd", join(folder, "a/link.md")), "a/link.md"],
      [() => writeFile(join(folder, "a/.hidden"), "x"), "a/.hidden"],
      [() => writeFile(join(folder, "a/CON.md"), "x"), "a/CON.md"],
    ] as const) {
      await put();

      await expect(files.remove("a"), path).rejects.toMatchObject({ code: "conflict" });
      await expect(files.rename("a", "c"), path).rejects.toMatchObject({ code: "conflict" });
      await expect(files.clear(), path).rejects.toMatchObject({ code: "conflict" });

      expect(await readFile(join(folder, "a/b.md"))).toEqual(ONE);
      expect((await files.list("")).map((entry) => entry.path)).toEqual(["a", "a/b.md"]);
      await rename(join(folder, path), join(folder, "../away"));
    }
  });

  it("cannot lead out by a link: of the folder, of one in it, of a file", async () => {
    await using opened = await openMemories();
    const { files, folder, knowledge } = opened;
    await mkdir(join(knowledge.folder, "outside"));
    await writeFile(join(knowledge.folder, "outside/secret.md"), "secret");
    await mkdir(folder);
    await symlink(join(knowledge.folder, "outside"), join(folder, "out"));
    await symlink(join(knowledge.folder, "outside/secret.md"), join(folder, "file.md"));

    for (const path of ["out", "out/secret.md", "file.md"]) {
      await expect(files.look(path), path).rejects.toMatchObject({ code: "forbidden" });
      await expect(files.read(path), path).rejects.toMatchObject({ code: "forbidden" });
      await expect(files.remove(path), path).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(files.create("out/new.md", ONE)).rejects.toMatchObject({ code: "forbidden" });
    expect(await readdir(join(knowledge.folder, "outside"))).toEqual(["secret.md"]);
  });
});
