import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { done, refused, told, treeOf } from "../support/memory-answers.ts";
import { shortWrites } from "../support/short-writes.ts";
import type { OpenedFolder } from "../support/opened-memories.ts";
import { memoryLinkCases } from "./memory-links-suite.ts";

/** What every store of memories on a disk does besides, as tests of the group around the call. */
export function memoryFolderCases(open: () => Promise<OpenedFolder>): void {
  modeCases(open);
  memoryLinkCases(open);
  handCases(open);
}

function modeCases(open: () => Promise<OpenedFolder>): void {
  it("SDK 3.2: gives files the mode 0600 and folders 0700, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      await using opened = await open();

      await told(
        opened.files,
        { command: "create", path: "/memories/a/b/c", file_text: "one" },
        { command: "create", path: "/memories/d", file_text: "one" },
        { command: "insert", path: "/memories/d", insert_line: 0, insert_text: "zero" },
        { command: "rename", old_path: "/memories/a", new_path: "/memories/e/f" },
      );

      const modes = await Promise.all(["e", "e/f/b", "e/f/b/c", "d"].map((path) => modeOf(opened, path)));
      expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
    } finally {
      process.umask(umask);
    }
  });

  it("SDK 3.2: writes on when the system takes a few bytes at a time", async () => {
    await using opened = await open();
    const text = "0123456789".repeat(100);
    using writes = await shortWrites();

    await told(opened.files, { command: "create", path: "/memories/a", file_text: text });
    await told(opened.files, {
      command: "str_replace",
      path: "/memories/a",
      old_str: text,
      new_str: `${text}!`,
    });

    expect(writes.count).toBeGreaterThan(200);
    expect(await readFile(join(opened.folder, "a"), "utf8")).toBe(`${text}!`);
  });

  it("leaves nothing behind but files and the folders they are in", async () => {
    await using opened = await open();

    await told(
      opened.files,
      { command: "create", path: "/memories/a/b/c", file_text: "one" },
      { command: "create", path: "/memories/a/b/c", file_text: "two" },
      { command: "insert", path: "/memories/a/b/c", insert_line: 0, insert_text: "zero" },
      { command: "create", path: "/memories/A/x", file_text: "refused" },
      { command: "rename", old_path: "/memories/a/b", new_path: "/memories/d/e/f" },
      { command: "create", path: "/memories/g/h", file_text: "gone" },
      { command: "delete", path: "/memories/g" },
    );

    const left = await readdir(opened.folder, { recursive: true });
    expect(left.filter((name) => name !== ".memory-lock").toSorted()).toEqual([
      "d",
      "d/e",
      "d/e/f",
      "d/e/f/c",
    ]);
  });
}

function handCases(open: () => Promise<OpenedFolder>): void {
  it("SDK 3.2: shows and edits no file that is not UTF-8, and keeps its bytes", async () => {
    await using opened = await open();
    const bytes = Buffer.from([0x61, 0x0a, 0xff, 0xfe]);
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await writeFile(join(opened.folder, "latin"), bytes);
    const path = "/memories/latin";

    const answers = [
      await told(opened.files, { command: "view", path }),
      await told(opened.files, { command: "str_replace", path, old_str: "a", new_str: "b" }),
      await told(opened.files, { command: "insert", path, insert_line: 0, insert_text: "b" }),
    ];

    const sentence = refused("The file /memories/latin is not a valid UTF-8 text file");
    expect(answers).toEqual([sentence, sentence, sentence]);
    expect(await readFile(join(opened.folder, "latin"))).toEqual(bytes);
  });

  it("shows an image that a person put there, and renames and deletes it", async () => {
    await using opened = await open();
    const bytes = Buffer.from("89504e470d0a1a0a00ff", "hex");
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await writeFile(join(opened.folder, "picture.png"), bytes);

    const shown = await told(opened.files, { command: "view", path: "/memories/picture.png" });
    const edited = await told(opened.files, {
      command: "insert",
      path: "/memories/picture.png",
      insert_line: 0,
      insert_text: "b",
    });
    await told(opened.files, {
      command: "rename",
      old_path: "/memories/picture.png",
      new_path: "/memories/b/c.png",
    });
    const moved = await readFile(join(opened.folder, "b", "c.png"));
    await told(opened.files, { command: "delete", path: "/memories/b" });

    expect(shown).toEqual({ image: { mimeType: "image/png", data: bytes.toString("base64") } });
    expect(edited).toEqual(refused("The path /memories/picture.png is not a text file."));
    expect(moved).toEqual(bytes);
    expect(await treeOf(opened.files)).toEqual({ a: "a" });
  });

  it("sees at once what a person creates, edits and deletes", async () => {
    await using opened = await open();
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await mkdir(join(opened.folder, "by-hand"));
    await writeFile(join(opened.folder, "by-hand", "new"), "new");
    await writeFile(join(opened.folder, "a"), "edited");
    await chmod(join(opened.folder, "a"), 0o644);

    const created = await told(opened.files, {
      command: "create",
      path: "/memories/by-hand/new",
      file_text: "x",
    });
    const edited = await told(opened.files, {
      command: "insert",
      path: "/memories/a",
      insert_line: 1,
      insert_text: "!",
    });

    expect(created).toEqual(refused("Error: File /memories/by-hand/new already exists"));
    expect(edited).toEqual(done("The file /memories/a has been edited."));
    expect(await treeOf(opened.files)).toEqual({ a: "edited\n!", "by-hand/new": "new" });
  });

  it("shows an empty folder that a person made, renames nothing onto it, and deletes it", async () => {
    await using opened = await open();
    await told(opened.files, { command: "create", path: "/memories/a/b", file_text: "b" });
    await mkdir(join(opened.folder, "empty"));

    const shown = await told(opened.files, { command: "view", path: "/memories" });
    const renamed = await told(opened.files, {
      command: "rename",
      old_path: "/memories/a",
      new_path: "/memories/empty",
    });
    const deleted = await told(opened.files, { command: "delete", path: "/memories/empty" });

    expect(JSON.stringify(shown)).toContain("0B\\t/memories/empty/");
    expect(renamed).toEqual(refused("Error: The destination /memories/empty already exists"));
    expect(deleted).toEqual(done("Successfully deleted /memories/empty"));
    expect(existsSync(join(opened.folder, "empty"))).toBe(false);
    expect(await treeOf(opened.files)).toEqual({ "a/b": "b" });
  });

  it("shows no hidden files of others, and creates none", async () => {
    await using opened = await open();
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await mkdir(join(opened.folder, ".git"));
    await writeFile(join(opened.folder, ".git", "config"), "hidden");

    const shown = await told(opened.files, { command: "view", path: "/memories" });
    const created = await told(opened.files, { command: "create", path: "/memories/.git/x", file_text: "x" });

    expect(JSON.stringify(shown)).not.toContain(".git");
    expect(created).toMatchObject({ isError: true });
    expect(await readFile(join(opened.folder, ".git", "config"), "utf8")).toBe("hidden");
  });
}

async function modeOf({ folder }: OpenedFolder, path: string): Promise<number> {
  return (await lstat(join(folder, path))).mode & 0o777;
}
