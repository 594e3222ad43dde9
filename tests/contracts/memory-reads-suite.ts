import { expect, it } from "vitest";
import { done, NOTES, refused, THREE, told } from "../support/memory-answers.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

/** What every store of memories shows and lists. */
export function memoryReadCases(open: () => Promise<OpenedMemories>): void {
  viewCases(open);
  listCases(open);
}

function viewCases(open: () => Promise<OpenedMemories>): void {
  it("SDK 3.2: views the empty directory", async () => {
    await using opened = await open();

    const answer = await told(opened.files, { command: "view", path: "/memories" });

    expect(answer).toEqual(
      done(
        "Here're the files and directories up to 2 levels deep in /memories, excluding hidden items and node_modules:\n0B\t/memories",
      ),
    );
  });

  it("SDK 3.2: views a file, whole and in part", async () => {
    await using opened = await open();

    const whole = await told(opened.files, THREE, { command: "view", path: NOTES });
    const part = await told(opened.files, { command: "view", path: NOTES, view_range: [2, 3] });

    const head = `Here's the content of ${NOTES} with line numbers:\n`;
    expect(whole).toEqual(done(`${head}     1\tone\n     2\ttwo\n     3\tthree\n     4\t`));
    expect(part).toEqual(done(`${head}     2\ttwo\n     3\tthree`));
  });

  it("SDK 3.2: views a directory two levels deep, its files with their sizes", async () => {
    await using opened = await open();

    const answer = await told(
      opened.files,
      { command: "create", path: "/memories/b.md", file_text: "bb" },
      { command: "create", path: "/memories/a/c/d/e", file_text: "x".repeat(1536) },
      { command: "create", path: "/memories/a/B", file_text: "" },
      { command: "view", path: "/memories/" },
    );

    expect(answer).toMatchObject({
      text: expect.stringMatching(
        /:\n1.5K\t\/memories\n1.5K\t\/memories\/a\/\n0B\t\/memories\/a\/B\n1.5K\t\/memories\/a\/c\/\n2B\t\/memories\/b.md$/,
      ),
    });
  });

  it("SDK 3.2: says that there is nothing to view", async () => {
    await using opened = await open();

    expect(await told(opened.files, { command: "view", path: NOTES })).toEqual(
      refused(`The path ${NOTES} does not exist. Please provide a valid path.`),
    );
  });

  it("SDK 3.2: does not view a file of too many lines", async () => {
    await using opened = await open();
    await opened.files.create("long", Buffer.alloc(999_999, "\n"));

    expect(await told(opened.files, { command: "view", path: "/memories/long" })).toEqual(
      refused("File /memories/long has too many lines (1000000). Maximum is 999,999 lines."),
    );
  });
}

function listCases(open: () => Promise<OpenedMemories>): void {
  it("lists two levels, each folder before what is in it, with sums of all below", async () => {
    await using opened = await open();
    const { files } = opened;
    const paths = ["b", "a/c/d/e", "a/B", "a.md", "\u00e9", "Z", "a/c/x", "a-b/x"];
    for (const path of paths) await files.create(path, Buffer.from("four"));

    const all = (await files.list("")).map(({ path, kind, bytes }) => `${path} ${kind} ${bytes}`);
    const below = (await files.list("a")).map(({ path, kind, bytes }) => `${path} ${kind} ${bytes}`);

    expect(all).toEqual([
      "Z file 4",
      "a folder 12",
      "a/B file 4",
      "a/c folder 8",
      "a-b folder 4",
      "a-b/x file 4",
      "a.md file 4",
      "b file 4",
      "\u00e9 file 4",
    ]);
    expect(below).toEqual(["a/B file 4", "a/c folder 8", "a/c/d folder 4", "a/c/x file 4"]);
    expect(await files.list("none")).toEqual([]);
    expect(await files.list("b")).toEqual([]);
  });

  it("knows files, folders, the root and nothing else", async () => {
    await using opened = await open();
    const { files } = opened;
    await files.create("a/b", Buffer.from("b"));

    const kinds = await Promise.all(["", "a", "a/b", "a/b/c", "A", "none"].map((path) => files.look(path)));

    expect(kinds).toEqual(["folder", "folder", "file", undefined, undefined, undefined]);
    expect(await files.read("a")).toBe(undefined);
    expect(await files.read("")).toBe(undefined);
    expect(await files.read("a/b/c")).toBe(undefined);
  });
}
