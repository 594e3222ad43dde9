import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { done, refused, told, treeOf } from "../support/memory-answers.ts";
import type { OpenedFolder } from "../support/opened-memories.ts";
import { tempFolder } from "../support/temp-folder.ts";

const LINKED = refused("Path would escape /memories directory via symlink");

/** How every store of memories on a disk keeps to its folder, whatever links lie in it. */
export function memoryLinkCases(open: () => Promise<OpenedFolder>): void {
  it("SDK 3.2: neither views, edits nor moves what a link points to", async () => {
    await using opened = await open();
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "secret"), "secret");
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await symlink(join(outside.path, "secret"), join(opened.folder, "link"));
    const path = "/memories/link";

    const answers = [
      await told(opened.files, { command: "view", path }),
      await told(opened.files, { command: "str_replace", path, old_str: "secret", new_str: "mine" }),
      await told(opened.files, { command: "insert", path, insert_line: 0, insert_text: "mine" }),
      await told(opened.files, { command: "rename", old_path: path, new_path: "/memories/mine" }),
      await told(opened.files, { command: "create", path, file_text: "mine" }),
    ];

    expect(answers.slice(0, 3)).toEqual([LINKED, LINKED, LINKED]);
    expect(answers.slice(3)).toMatchObject([{ isError: true }, { isError: true }]);
    expect(await readFile(join(outside.path, "secret"), "utf8")).toBe("secret");
    expect(await readlink(join(opened.folder, "link"))).toBe(join(outside.path, "secret"));
    expect(await treeOf(opened.files)).toEqual({ a: "a" });
  });

  it("SDK 3.2: creates nothing through a linked folder, nor where a link points to nothing", async () => {
    await using opened = await open();
    await using outside = await tempFolder();
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await symlink(outside.path, join(opened.folder, "linked"));
    await symlink(join(outside.path, "none"), join(opened.folder, "dangling"));

    const below = await told(opened.files, {
      command: "create",
      path: "/memories/linked/b/c",
      file_text: "c",
    });
    const moved = await told(opened.files, {
      command: "rename",
      old_path: "/memories/a",
      new_path: "/memories/linked/a",
    });
    const dangling = await told(opened.files, {
      command: "create",
      path: "/memories/dangling",
      file_text: "c",
    });

    expect([below, moved]).toEqual([LINKED, LINKED]);
    expect(dangling).toMatchObject({ isError: true });
    expect(await readdir(outside.path)).toEqual([]);
    expect(await treeOf(opened.files)).toEqual({ a: "a" });
  });

  it("SDK 3.2: reads nothing through a linked folder", async () => {
    await using opened = await open();
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "secret"), "secret");
    await told(opened.files, { command: "create", path: "/memories/a", file_text: "a" });
    await symlink(outside.path, join(opened.folder, "linked"));

    const file = await told(opened.files, { command: "view", path: "/memories/linked/secret" });
    const folder = await told(opened.files, { command: "view", path: "/memories/linked" });
    const all = await told(opened.files, { command: "view", path: "/memories" });

    expect([file, folder]).toEqual([LINKED, LINKED]);
    expect(JSON.stringify(all)).not.toContain("linked");
  });

  it("deletes no folder that holds a link, nor what the link points to", async () => {
    await using opened = await open();
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "secret"), "secret");
    await told(opened.files, { command: "create", path: "/memories/a/b", file_text: "b" });
    await symlink(outside.path, join(opened.folder, "a", "linked"));

    const answer = await told(opened.files, { command: "delete", path: "/memories/a" });

    expect(answer).toEqual(refused(expect.stringMatching(/^Error: /)));
    expect(await readFile(join(outside.path, "secret"), "utf8")).toBe("secret");
    expect(await treeOf(opened.files)).toEqual({ "a/b": "b" });
  });

  it("SDK 3.2: does not reach a folder beside it with a longer name", async () => {
    await using opened = await open();
    const beside = `${opened.folder}_backup`;
    await mkdir(beside, { recursive: true });
    await writeFile(join(beside, "secret"), "secret");

    for (const path of ["/memories_backup/secret", "/memories/../memories_backup/secret"])
      expect(await told(opened.files, { command: "view", path })).toMatchObject({ isError: true });

    expect(await told(opened.files, { command: "clear_all_memory" })).toEqual(done("All memory cleared"));
    expect(existsSync(join(beside, "secret"))).toBe(true);
  });
}
