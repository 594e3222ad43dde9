import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { MemoryCommand } from "../../memory-tool/command.ts";
import { type MemoryAnswer, runMemoryCommand } from "../../memory-tool/run.ts";
import { refused, told } from "../support/memory-answers.ts";
import { MemoryModel } from "../support/memory-model.ts";

const PNG = Buffer.from("89504e470d0a1a0a00000000", "hex");
const SECRET = `fmai_${"a".repeat(43)}`;

/** Every sentence once, in an order in which each finds what it needs. */
const CONVERSATION: readonly MemoryCommand[] = [
  { command: "view", path: "/memories" },
  { command: "view", path: "/memories/notes.md" },
  { command: "create", path: "/memories/notes.md", file_text: "one\ntwo\nthree\nfour\nfive\nsix\n" },
  { command: "create", path: "/memories/notes.md", file_text: "again" },
  { command: "create", path: "/memories", file_text: "" },
  { command: "create", path: "/memories/project/deep/er/plan.md", file_text: "x".repeat(5000) },
  { command: "create", path: "/memories/project/node_modules/a", file_text: "hidden" },
  { command: "create", path: "/memories/notes.md/below", file_text: "" },
  { command: "create", path: "/memories/Notes.md", file_text: "" },
  { command: "create", path: "/memories/half.md", file_text: "\ud800" },
  { command: "create", path: "/memories/large.md", file_text: "x".repeat(LIMITS.knowledge.fileBytes + 1) },
  { command: "create", path: "/memories/empty.md", file_text: "" },
  { command: "view", path: "/memories" },
  { command: "view", path: "/memories/project/" },
  { command: "view", path: "/memories/notes.md" },
  { command: "view", path: "/memories/notes.md", view_range: [2, 3] },
  { command: "view", path: "/memories/notes.md", view_range: [6, -1] },
  { command: "view", path: "/memories/notes.md", view_range: [90, 99] },
  { command: "view", path: "/memories/empty.md" },
  { command: "view", path: "/memories/picture.png" },
  { command: "view", path: "/memories/bytes.bin" },
  { command: "view", path: "/memories/secret.md" },
  { command: "str_replace", path: "/memories/notes.md", old_str: "four", new_str: "4\n4.5" },
  { command: "str_replace", path: "/memories/notes.md", old_str: "4.5\n" },
  { command: "str_replace", path: "/memories/notes.md", old_str: "seven", new_str: "7" },
  { command: "str_replace", path: "/memories/notes.md", old_str: "o", new_str: "0" },
  { command: "str_replace", path: "/memories/notes.md", old_str: "", new_str: "0" },
  { command: "str_replace", path: "/memories/none.md", old_str: "a", new_str: "b" },
  { command: "str_replace", path: "/memories/project", old_str: "a", new_str: "b" },
  { command: "str_replace", path: "/memories/picture.png", old_str: "a", new_str: "b" },
  { command: "str_replace", path: "/memories/bytes.bin", old_str: "a", new_str: "b" },
  { command: "insert", path: "/memories/notes.md", insert_line: 0, insert_text: "zero\n" },
  { command: "insert", path: "/memories/notes.md", insert_line: 9, insert_text: "nine" },
  { command: "insert", path: "/memories/none.md", insert_line: 0, insert_text: "" },
  { command: "rename", old_path: "/memories/notes.md", new_path: "/memories/old/notes.md" },
  { command: "rename", old_path: "/memories/notes.md", new_path: "/memories/b.md" },
  { command: "rename", old_path: "/memories/empty.md", new_path: "/memories/old" },
  { command: "rename", old_path: "/memories/old", new_path: "/memories/old/older" },
  { command: "rename", old_path: "/memories/", new_path: "/memories/old" },
  { command: "delete", path: "/memories/empty.md" },
  { command: "delete", path: "/memories/empty.md" },
  { command: "delete", path: "/memories/project/" },
  { command: "delete", path: "/memories/" },
  { command: "clear_all_memory" },
  { command: "view", path: "/etc/passwd" },
  { command: "view", path: "/memories/../secret" },
  { command: "view", path: "/memories/.git" },
  { command: "view" },
  { command: "create", file_text: "a" },
  { command: "insert", path: "/memories/notes.md" },
  { command: "rename" },
];

describe("the memory tool", () => {
  it("says what tests/golden/memory-tool.txt shows", async () => {
    const files = new MemoryModel();
    files.files.set("picture.png", PNG);
    files.files.set("bytes.bin", Buffer.from([0x61, 0xff, 0x00]));
    files.files.set("secret.md", Buffer.from(`token ${SECRET}\nturned \u202e round\n`));

    const told: string[] = [];
    for (const command of CONVERSATION)
      told.push(`> ${abridged(JSON.stringify(command))}\n${shown(await runMemoryCommand(files, command))}\n`);

    await expect(told.join("\n")).toMatchFileSnapshot("../golden/memory-tool.txt");
  });

  it("says what a store refuses with its hint, and a link as the SDK does", async () => {
    const full = refusing(new AppError("storage_full", "The disk is full", { hint: "Delete something" }));
    const linked = refusing(new AppError("forbidden", "A link"));

    expect(await runMemoryCommand(full, { command: "view", path: "/memories" })).toEqual({
      text: "Error: The disk is full. Delete something",
      isError: true,
    });
    expect(await runMemoryCommand(linked, { command: "view", path: "/memories" })).toEqual({
      text: "Path would escape /memories directory via symlink",
      isError: true,
    });
  });

  it("shows a file of as many lines as it may have, and none of one with more", async () => {
    const files = new MemoryModel();
    files.files.set("most", Buffer.from("\n".repeat(LIMITS.memories.viewLines - 1)));
    files.files.set("more", Buffer.from("\n".repeat(LIMITS.memories.viewLines)));

    const most = await runMemoryCommand(files, {
      command: "view",
      path: "/memories/most",
      view_range: [999_999, -1],
    });
    const more = await runMemoryCommand(files, { command: "view", path: "/memories/more" });

    expect(most).toEqual({
      text: "Here's the content of /memories/most with line numbers:\n999999\t",
      isError: false,
    });
    expect(more).toEqual({
      text: "File /memories/more has too many lines (1000000). Maximum is 999,999 lines.",
      isError: true,
    });
  });

  it("shows an image up to its limit, and says so of a larger one", async () => {
    const files = new MemoryModel();
    files.files.set("most.png", Buffer.concat([PNG], LIMITS.memories.imageBytes));
    files.files.set("more.png", Buffer.concat([PNG], LIMITS.memories.imageBytes + 1));

    const most = await runMemoryCommand(files, { command: "view", path: "/memories/most.png" });
    const more = await runMemoryCommand(files, { command: "view", path: "/memories/more.png" });

    expect(most).toMatchObject({ image: { mimeType: "image/png" } });
    expect(more).toEqual({
      text: "The image /memories/more.png is too large to be shown (3670017 bytes). Maximum is 3670016 bytes.",
      isError: true,
    });
  });

  it.each([
    [[0, 1], "     1\tone"],
    [[-5, 1], "     1\tone"],
    [[2, 2], "     2\ttwo"],
    [[2, -1], "     2\ttwo\n     3\t"],
    [[2, 99], "     2\ttwo\n     3\t"],
    [[2, 1], ""],
    [[1, 0], ""],
    [[1, -2], ""],
    [[4, 9], ""],
  ])("shows lines %j", async (view_range, shownLines) => {
    const files = new MemoryModel();
    files.files.set("a", Buffer.from("one\ntwo\n"));

    const answer = await runMemoryCommand(files, { command: "view", path: "/memories/a", view_range });

    expect(answer).toEqual({
      text: `Here's the content of /memories/a with line numbers:\n${shownLines}`,
      isError: false,
    });
  });

  it("masks a secret also where what is shown ends within it", async () => {
    const files = new MemoryModel();
    const before = "x".repeat(LIMITS.memories.viewChars - 20);
    files.files.set("a", Buffer.from(`${before}${SECRET}`));

    const viewed = await told(files, { command: "view", path: "/memories/a" });
    const edited = await told(files, {
      command: "str_replace",
      path: "/memories/a",
      old_str: "xf",
      new_str: "yf",
    });

    expect(JSON.stringify(viewed)).toMatch(/xfmai_\*+…/);
    expect(JSON.stringify(edited)).toMatch(/yfmai_\*+…/);
  });

  it("shows deceptive characters also in names and in what a store says", async () => {
    const files = new MemoryModel();
    files.files.set("a\u202eb", Buffer.from(""));
    const broken = refusing(new AppError("conflict", "No a\u202eb"));

    expect(await told(files, { command: "view", path: "/memories" })).toMatchObject({
      text: expect.stringMatching(/\n0B\t\/memories\/a\\u\{202e\}b$/),
    });
    expect(await told(broken, { command: "view", path: "/memories" })).toEqual(
      refused("Error: No a\\u{202e}b"),
    );
  });

  it("names no more than some lines where a text is not unique", async () => {
    const files = new MemoryModel();
    files.files.set("most", Buffer.from("a\n".repeat(LIMITS.memories.namedLines)));
    files.files.set("more", Buffer.from("a\n".repeat(LIMITS.memories.namedLines + 1)));

    const most = await told(files, { command: "str_replace", path: "/memories/most", old_str: "a" });
    const more = await told(files, { command: "str_replace", path: "/memories/more", old_str: "a" });

    expect(JSON.stringify(most)).toContain("98, 99, 100. Please");
    expect(JSON.stringify(more)).toContain("98, 99, 100, …. Please");
  });

  it("says so when a file goes away between looking, reading and writing", async () => {
    const gone = refused(
      "The file /memories/a no longer exists (may have been deleted or renamed concurrently).",
    );
    const files = new MemoryModel();
    files.look = () => Promise.resolve("file");
    const viewed = await told(files, { command: "view", path: "/memories/a" });

    const edits = [];
    for (const result of ["missing", "changed"] as const) {
      const edited = new MemoryModel();
      edited.files.set("a", Buffer.from("one"));
      edited.replace = () => {
        edited.files.clear();
        return Promise.resolve(result);
      };
      edits.push(
        await told(edited, { command: "insert", path: "/memories/a", insert_line: 0, insert_text: "" }),
      );
    }

    expect([viewed, ...edits]).toEqual([gone, gone, gone]);
  });

  it("repeats a long text only in part, and a secret never", async () => {
    const files = new MemoryModel();
    files.files.set("a", Buffer.from("b"));
    const old_str = SECRET + "y".repeat(100_000);

    const answer = await runMemoryCommand(files, { command: "str_replace", path: "/memories/a", old_str });

    expect(JSON.stringify(answer).length).toBeLessThan(500);
    expect(JSON.stringify(answer)).toContain("`fmai_****");
  });

  it("edits once more what another changed in between, a few times", async () => {
    const files = new MemoryModel();
    files.files.set("a", Buffer.from("one"));
    let others = LIMITS.memories.tries - 1;
    const read = files.read.bind(files);
    files.read = async (path) => {
      const file = await read(path);
      others -= 1;
      if (others >= 0) files.files.set(path, Buffer.from(`one ${others}`));
      return file;
    };
    const command = { command: "str_replace", path: "/memories/a", old_str: "one", new_str: "two" } as const;

    const late = await runMemoryCommand(files, command);
    files.files.set("a", Buffer.from("one"));
    others = LIMITS.memories.tries;
    const never = await runMemoryCommand(files, command);

    expect(late).toMatchObject({ isError: false, text: expect.stringContaining("     1\ttwo 0") });
    expect(never).toMatchObject({ isError: true, text: expect.stringContaining("being changed by others") });
    expect(files.files.get("a")?.toString()).toBe("one 0");
  });

  it("throws on what is a mistake of ours", async () => {
    const broken = refusing(new TypeError("a mistake"));

    await expect(runMemoryCommand(broken, { command: "view", path: "/memories" })).rejects.toThrow(
      "a mistake",
    );
  });
});

function refusing(failure: Error): MemoryModel {
  const files = new MemoryModel();
  files.look = () => Promise.reject(failure);
  return files;
}

function shown(answer: MemoryAnswer): string {
  if ("image" in answer) return `[${answer.image.mimeType} ${answer.image.data}]`;
  return answer.isError ? `isError: ${answer.text}` : answer.text;
}

function abridged(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
