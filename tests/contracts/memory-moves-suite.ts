import { expect, it } from "vitest";
import { done, NOTES, refused, THREE, told, treeOf } from "../support/memory-answers.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

/** How every store of memories deletes and renames. */
export function memoryMoveCases(open: () => Promise<OpenedMemories>): void {
  removalCases(open);
  renameCases(open);
}

function removalCases(open: () => Promise<OpenedMemories>): void {
  it("SDK 3.2: deletes a file, and the folders that are empty without it", async () => {
    await using opened = await open();
    await told(opened.files, { ...THREE, path: "/memories/a/b/c" });

    const answer = await told(opened.files, { command: "delete", path: "/memories/a/b/c" });

    expect(answer).toEqual(done("Successfully deleted /memories/a/b/c"));
    expect(await opened.files.look("a")).toBe(undefined);
    expect(await opened.files.list("")).toEqual([]);
  });

  it("SDK 3.2: deletes a directory with everything below it, and nothing beside it", async () => {
    await using opened = await open();
    const paths = ["/memories/a/b/c", "/memories/a/b/d/e", "/memories/a/f", "/memories/ab", "/memories/z"];
    for (const path of paths) await told(opened.files, { ...THREE, path });

    const answer = await told(opened.files, { command: "delete", path: "/memories/a/" });

    expect(answer).toEqual(done("Successfully deleted /memories/a"));
    expect(Object.keys(await treeOf(opened.files))).toEqual(["ab", "z"]);
  });

  it("SDK 3.2: says that there is nothing to delete", async () => {
    await using opened = await open();

    expect(await told(opened.files, { command: "delete", path: NOTES })).toEqual(
      refused(`Error: The path ${NOTES} does not exist`),
    );
  });

  it.each(["/memories", "/memories/"])(
    "SDK 3.2, CP 3.1, CP 4.2: neither deletes nor renames the root as %s",
    async (path) => {
      await using opened = await open();

      const deleted = await told(opened.files, THREE, { command: "delete", path });
      const renamed = await told(opened.files, {
        command: "rename",
        old_path: path,
        new_path: "/memories/a",
      });

      expect(deleted).toEqual(refused("Cannot delete the /memories directory itself"));
      expect(renamed).toEqual(refused("Cannot rename the /memories directory itself"));
      expect(await treeOf(opened.files)).toEqual({ "notes.md": THREE.file_text });
    },
  );

  it("CP 4.2: neither deletes nor renames the root as /memories/.", async () => {
    await using opened = await open();
    const path = "/memories/.";

    const answers = [
      await told(opened.files, THREE, { command: "delete", path }),
      await told(opened.files, { command: "rename", old_path: path, new_path: "/memories/a" }),
    ];

    const sentence = refused("Path /memories/. would escape /memories directory");
    expect(answers).toEqual([sentence, sentence]);
    expect(await treeOf(opened.files)).toEqual({ "notes.md": THREE.file_text });
  });

  it("CP 4.2: clears everything, and works on", async () => {
    await using opened = await open();
    await told(opened.files, THREE, { ...THREE, path: "/memories/a/b" });

    expect(await told(opened.files, { command: "clear_all_memory" })).toEqual(done("All memory cleared"));
    expect(await treeOf(opened.files)).toEqual({});
    expect(await told(opened.files, { command: "clear_all_memory" })).toEqual(done("All memory cleared"));

    await told(opened.files, THREE);
    expect(await treeOf(opened.files)).toEqual({ "notes.md": THREE.file_text });
  });
}

function renameCases(open: () => Promise<OpenedMemories>): void {
  it("SDK 3.2: renames a file, into folders that are made for it", async () => {
    await using opened = await open();

    const answer = await told(opened.files, THREE, {
      command: "rename",
      old_path: NOTES,
      new_path: "/memories/a/b/c.md",
    });

    expect(answer).toEqual(done(`Successfully renamed ${NOTES} to /memories/a/b/c.md`));
    expect(await treeOf(opened.files)).toEqual({ "a/b/c.md": THREE.file_text });
  });

  it("SDK 3.2: renames a directory with everything below it, and back", async () => {
    await using opened = await open();
    for (const path of ["/memories/a/b/c", "/memories/a/d", "/memories/e"])
      await told(opened.files, { command: "create", path, file_text: path });
    const before = await treeOf(opened.files);

    await told(opened.files, { command: "rename", old_path: "/memories/a", new_path: "/memories/x/y" });
    const between = Object.keys(await treeOf(opened.files));
    await told(opened.files, { command: "rename", old_path: "/memories/x/y", new_path: "/memories/a" });

    expect(between.toSorted()).toEqual(["e", "x/y/b/c", "x/y/d"]);
    expect(await treeOf(opened.files)).toEqual(before);
  });

  it.each([
    ["what is missing", "/memories/none", "/memories/a", "Error: The path /memories/none does not exist"],
    [
      "what is missing into itself",
      "/memories/none",
      "/memories/none/a",
      "Error: The path /memories/none does not exist",
    ],
    ["onto a file", NOTES, "/memories/a/b", "Error: The destination /memories/a/b already exists"],
    ["onto a directory", NOTES, "/memories/a", "Error: The destination /memories/a already exists"],
    ["onto the root", NOTES, "/memories", "Error: The destination /memories already exists"],
    ["onto itself", NOTES, NOTES, `Error: The destination ${NOTES} already exists`],
    ["a directory onto a file", "/memories/a", NOTES, `Error: The destination ${NOTES} already exists`],
    [
      "a directory into itself",
      "/memories/a",
      "/memories/a/c",
      "Error: Cannot rename /memories/a into itself: /memories/a/c",
    ],
  ])("SDK 3.2: does not rename %s", async (_, old_path, new_path, text) => {
    await using opened = await open();
    await told(opened.files, THREE, { command: "create", path: "/memories/a/b", file_text: "b" });

    expect(await told(opened.files, { command: "rename", old_path, new_path })).toEqual(refused(text));
    expect(await treeOf(opened.files)).toEqual({ "a/b": "b", "notes.md": THREE.file_text });
  });
}
