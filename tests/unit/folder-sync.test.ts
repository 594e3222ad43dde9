import { execFileSync } from "node:child_process";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FolderSync } from "../../disk/folder-sync.ts";
import { tempFolder } from "../support/temp-folder.ts";

it("enters folders, lists them, and reads files up to a limit", async () => {
  await using root = await tempFolder();
  await mkdir(join(root.path, "a/b"), { recursive: true });
  await writeFile(join(root.path, "a/b/file.md"), "text");

  using folder = FolderSync.enter(root.path, "a", "b");

  expect(folder.names()).toEqual(["file.md"]);
  expect(folder.look("file.md")?.size).toBe(4);
  expect(folder.look("none.md")).toBeUndefined();
  expect(folder.read("file.md", 4).bytes?.toString()).toBe("text");
  expect(folder.read("file.md", 3).bytes).toBeUndefined();
  expect(() => folder.read("none.md", 4)).toThrow(expect.objectContaining({ code: "ENOENT" }));
});

it("follows no link and opens nothing but files, wherever that is tried", async () => {
  await using root = await tempFolder();
  await using outside = await tempFolder();
  await mkdir(join(outside.path, "b"));
  await writeFile(join(outside.path, "secret.md"), "secret");
  await symlink(outside.path, join(root.path, "link"));
  await symlink(join(outside.path, "secret.md"), join(root.path, "secret.md"));
  await writeFile(join(root.path, "file"), "");
  await truncate(join(root.path, "file"), 10);
  execFileSync("mkfifo", [join(root.path, "fifo")]);

  using folder = FolderSync.enter(root.path);
  const forbidden = expect.objectContaining({ code: "forbidden" });

  for (const names of [["link"], ["link", "b"], ["file"], ["secret.md"]])
    expect(() => FolderSync.enter(root.path, ...names)).toThrow(forbidden);
  for (const name of ["link", "secret.md", "fifo"]) expect(() => folder.read(name, 100)).toThrow(forbidden);
  for (const name of ["..", ".", "", "a/b", "a\0b"])
    expect(() => folder.look(name)).toThrow("one path segment");
});

it("enters what its names say, below a link of the owner's too, and through no link in the middle", async () => {
  await using folder = await tempFolder();
  await mkdir(join(folder.path, "top/a/b"), { recursive: true });
  await writeFile(join(folder.path, "top/a/b/file.md"), "text");
  await symlink("b", join(folder.path, "top/a/link"));
  await symlink("a", join(folder.path, "top/link"));
  await symlink("top", join(folder.path, "other"));
  const top = join(folder.path, "top");

  using below = FolderSync.enter(join(folder.path, "other", "a"), "b");

  expect(below.names()).toEqual(["file.md"]);
  for (const names of [
    ["link", "b"],
    ["a", "link"],
  ])
    expect(() => FolderSync.enter(top, ...names)).toThrow(expect.objectContaining({ code: "forbidden" }));
  expect(() => FolderSync.enter(top, "a", "none")).toThrow(expect.objectContaining({ code: "ENOENT" }));
  for (const name of ["..", ".", "", "a/b"])
    expect(() => FolderSync.enter(top, "a", name, "b")).toThrow("one path segment");
});
