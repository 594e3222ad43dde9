import { expect, it } from "vitest";
import { done, NOTES, refused, THREE, told, treeOf } from "../support/memory-answers.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

/** Which names every store of memories takes, and what it makes of calls at the same time. */
export function memoryNameCases(open: () => Promise<OpenedMemories>): void {
  nameCases(open);
  raceCases(open);
}

function nameCases(open: () => Promise<OpenedMemories>): void {
  it.each(["NOTES.md", "A/x", "a/B/x", "a/b/c/x"])(
    "creates nothing, and renames nothing to, %s",
    async (name) => {
      await using opened = await open();
      await told(
        opened.files,
        THREE,
        { ...THREE, path: "/memories/a/b/c" },
        { ...THREE, path: "/memories/x" },
      );
      const before = await treeOf(opened.files);

      const created = await told(opened.files, {
        command: "create",
        path: `/memories/${name}`,
        file_text: "",
      });
      const renamed = await told(opened.files, {
        command: "rename",
        old_path: "/memories/x",
        new_path: `/memories/${name}`,
      });

      expect([created, renamed]).toEqual([
        refused(expect.stringMatching(/^Error: /)),
        refused(expect.stringMatching(/^Error: /)),
      ]);
      expect(await treeOf(opened.files)).toEqual(before);
    },
  );

  it("takes both forms of a name for one", async () => {
    await using opened = await open();

    await told(opened.files, { command: "create", path: "/memories/cafe\u0301", file_text: "1" });
    const again = await told(opened.files, {
      command: "create",
      path: "/memories/caf\u00e9",
      file_text: "2",
    });

    expect(again).toEqual(refused("Error: File /memories/caf\u00e9 already exists"));
    expect(await treeOf(opened.files)).toEqual({ "caf\u00e9": "1" });
  });

  it("SDK 3.2, CP 3.1, CP 4.2: reaches nothing outside /memories", async () => {
    await using opened = await open();
    const outside = [
      "/etc/passwd",
      "/memories_backup/a",
      "/memoriesX/a",
      "/memories/../memories_backup/a",
      "/memories/%2e%2e/a",
    ];

    for (const path of outside) {
      const answers = [
        await told(opened.files, { command: "view", path }),
        await told(opened.files, { command: "create", path, file_text: "a" }),
        await told(opened.files, { command: "delete", path }),
        await told(opened.files, { command: "rename", old_path: path, new_path: NOTES }),
        await told(opened.files, THREE, { command: "rename", old_path: NOTES, new_path: path }),
      ];

      const sentence = refused(expect.stringMatching(/^Path (?:must start with|.* would escape) \/memories/));
      expect(answers).toEqual(answers.map(() => sentence));
    }
  });
}

function raceCases(open: () => Promise<OpenedMemories>): void {
  it("lets one of two files be created under one name", async () => {
    await using opened = await open();

    const answers = await Promise.all(
      ["1", "2"].map((text) => opened.files.create("a/b", Buffer.from(text))),
    );

    expect(answers.toSorted()).toEqual(["done", "exists"]);
    const winner = answers[0] === "done" ? "1" : "2";
    expect(await treeOf(opened.files)).toEqual({ "a/b": winner });
  });

  it("lets one of two renames have a file, or a name, and loses nothing", async () => {
    await using opened = await open();
    const { files } = opened;
    for (const path of ["a", "b", "c"]) await files.create(path, Buffer.from(path));

    const ofOne = await Promise.all([files.rename("a", "x"), files.rename("a", "y")]);
    const ontoOne = await Promise.all([files.rename("b", "z"), files.rename("c", "z")]);

    expect(ofOne.toSorted()).toEqual(["done", "missing"]);
    expect(ontoOne.toSorted()).toEqual(["done", "exists"]);
    expect(Object.values(await treeOf(files)).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("loses no edit of several at once", async () => {
    await using opened = await open();
    await opened.files.create("notes.md", Buffer.from(""));
    const texts = ["1", "2", "3", "4"];

    const answers = await Promise.all(
      texts.map((insert_text) =>
        told(opened.files, { command: "insert", path: NOTES, insert_line: 0, insert_text }),
      ),
    );

    expect(answers).toEqual(texts.map(() => done(`The file ${NOTES} has been edited.`)));
    const { "notes.md": notes = "" } = await treeOf(opened.files);
    expect(notes.trim().split("\n").toSorted()).toEqual(texts);
  });
}
