import { expect, it } from "vitest";
import { done, NOTES, refused, THREE, told, treeOf } from "../support/memory-answers.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

const CRLF = { command: "create", path: NOTES, file_text: "one\r\ntwo\r\nthree" } as const;

/** How every store of memories creates and edits a file. */
export function memoryEditCases(open: () => Promise<OpenedMemories>): void {
  createCases(open);
  editCases(open);
}

function createCases(open: () => Promise<OpenedMemories>): void {
  it("SDK 3.2: creates a file, and one with the folders above it", async () => {
    await using opened = await open();

    const first = await told(opened.files, THREE);
    const nested = await told(opened.files, { ...THREE, path: "/memories/a/b/c.md" });

    expect(first).toEqual(done(`File created successfully at: ${NOTES}`));
    expect(nested).toEqual(done("File created successfully at: /memories/a/b/c.md"));
    expect(await treeOf(opened.files)).toEqual({
      "a/b/c.md": THREE.file_text,
      "notes.md": THREE.file_text,
    });
  });

  it("SDK 3.2: does not create what exists, file or folder", async () => {
    await using opened = await open();
    await told(opened.files, { ...THREE, path: "/memories/a/b" });

    const file = await told(opened.files, { command: "create", path: "/memories/a/b", file_text: "other" });
    const folder = await told(opened.files, { command: "create", path: "/memories/a", file_text: "other" });

    expect(file).toEqual(refused("Error: File /memories/a/b already exists"));
    expect(folder).toEqual(refused("Error: File /memories/a already exists"));
    expect(await treeOf(opened.files)).toEqual({ "a/b": THREE.file_text });
  });

  it("SDK 3.2: keeps line ends, byte order mark and every character", async () => {
    await using opened = await open();
    const text = "\ufeffone\r\ntwo\rthree\u2028\n\u{1f600} $& \t";

    await told(opened.files, { command: "create", path: NOTES, file_text: text });

    expect((await opened.files.read("notes.md"))?.bytes).toEqual(Buffer.from(text));
  });
}

function editCases(open: () => Promise<OpenedMemories>): void {
  it("SDK 3.2: replaces a text, and shows the lines around it", async () => {
    await using opened = await open();
    const replace = { command: "str_replace", path: NOTES, old_str: "two", new_str: "2" } as const;

    expect(await told(opened.files, THREE, replace)).toEqual(
      done(
        "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n" +
          "     1\tone\n     2\t2\n     3\tthree\n     4\t",
      ),
    );
    expect(await treeOf(opened.files)).toEqual({ "notes.md": "one\n2\nthree\n" });
  });

  it("SDK 3.2, CP 4.2: leaves the line ends of CRLF files", async () => {
    await using opened = await open();

    await told(
      opened.files,
      CRLF,
      { command: "str_replace", path: NOTES, old_str: "two", new_str: "2" },
      { command: "insert", path: NOTES, insert_line: 1, insert_text: "1.5\r\n" },
    );

    expect(await treeOf(opened.files)).toEqual({ "notes.md": "one\r\n1.5\r\n2\r\nthree" });
  });

  it.each([
    [
      "is not there",
      "four",
      `No replacement was performed, old_str \`four\` did not appear verbatim in ${NOTES}.`,
    ],
    [
      "is there more than once",
      "e\n",
      "No replacement was performed. Multiple occurrences of old_str `e\n` in lines: 1, 3. Please ensure it is unique",
    ],
    ["is empty", "", "No replacement was performed. old_str must not be empty."],
  ])("SDK 3.2, CP 3.1: replaces nothing where the text %s", async (_, old_str, text) => {
    await using opened = await open();

    const answer = await told(opened.files, THREE, {
      command: "str_replace",
      path: NOTES,
      old_str,
      new_str: "x",
    });

    expect(answer).toEqual(refused(text));
    expect(await treeOf(opened.files)).toEqual({ "notes.md": THREE.file_text });
  });

  it.each([
    ["start", 0, "x\none\ntwo\nthree\n"],
    ["middle", 2, "one\ntwo\nx\nthree\n"],
    ["end", 4, "one\ntwo\nthree\n\nx"],
  ])("SDK 3.2: inserts at the %s", async (_, insert_line, expected) => {
    await using opened = await open();

    const answer = await told(opened.files, THREE, {
      command: "insert",
      path: NOTES,
      insert_line,
      insert_text: "x\n",
    });

    expect(answer).toEqual(done(`The file ${NOTES} has been edited.`));
    expect(await treeOf(opened.files)).toEqual({ "notes.md": expected });
  });

  it("SDK 3.2: inserts nothing behind a line that is not there", async () => {
    await using opened = await open();

    const answer = await told(opened.files, THREE, {
      command: "insert",
      path: NOTES,
      insert_line: 5,
      insert_text: "x",
    });

    expect(answer).toEqual(
      refused(
        "Error: Invalid `insert_line` parameter: 5. It should be within the range of lines of the file: [0, 4]",
      ),
    );
    expect(await treeOf(opened.files)).toEqual({ "notes.md": THREE.file_text });
  });

  it.each(["/memories/none.md", "/memories/folder", "/memories"])("SDK 3.2: edits no %s", async (path) => {
    await using opened = await open();
    await told(opened.files, { ...THREE, path: "/memories/folder/a" });

    const replaced = await told(opened.files, { command: "str_replace", path, old_str: "a", new_str: "b" });
    const inserted = await told(opened.files, { command: "insert", path, insert_line: 0, insert_text: "a" });

    expect(replaced).toEqual(refused(`Error: The path ${path} does not exist. Please provide a valid path.`));
    expect(inserted).toEqual(refused(`Error: The path ${path} does not exist`));
  });

  it("replaces only what still has the digest that was read", async () => {
    await using opened = await open();
    const { files } = opened;
    await files.create("a", Buffer.from("one"));
    const { sha256 = "" } = (await files.read("a")) ?? {};

    expect(await files.replace("a", Buffer.from("two"), sha256)).toBe("done");
    expect(await files.replace("a", Buffer.from("three"), sha256)).toBe("changed");
    expect(await files.replace("b", Buffer.from("three"), sha256)).toBe("missing");

    expect(await treeOf(files)).toEqual({ a: "two" });
  });
}
