import { mkdir, readdir, rename, rmdir, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Folder } from "../../disk/folder.ts";
import { MonthFolders } from "../../server/sessions/month-folders.ts";
import { tempFolder } from "../support/temp-folder.ts";

const LONG_AGO = new Date("2026-01-02T03:04:05Z");

/** Folders that nobody has changed for long, so that their times are trusted. */
async function settled(root: string): Promise<void> {
  for (const folder of ["2025/12", "2026/10", "2026/11"])
    await mkdir(join(root, folder), { recursive: true });
  for (const path of ["", ...(await readdir(root, { recursive: true }))])
    await utimes(join(root, path), LONG_AGO, LONG_AGO);
}

async function looked(months: MonthFolders, root: string): Promise<string[]> {
  await using top = await Folder.open(root);
  const found = await months.look(top);
  return found.map(({ folders, modified }) => `${folders.join("/")} ${modified}`).sort();
}

describe("the folders of months", () => {
  it.each<[string, (root: string) => Promise<unknown>]>([
    ["nothing", async () => undefined],
    ["a new month", (root) => mkdir(join(root, "2026/12"))],
    ["a new year", (root) => mkdir(join(root, "2027/01"), { recursive: true })],
    ["a file in a month", (root) => mkdir(join(root, "2026/10/session"))],
    ["a month less", (root) => rmdir(join(root, "2026/11"))],
    ["a year less", (root) => rename(join(root, "2025"), join(root, "before"))],
    ["a month that is a link", (root) => relink(join(root, "2026/11"))],
    ["a year that is a link", (root) => relink(join(root, "2025"))],
    ["a year that is no year", (root) => mkdir(join(root, "26/10"), { recursive: true })],
  ])("are seen as they are after %s", async (_, change) => {
    await using root = await tempFolder();
    await settled(root.path);
    const months = new MonthFolders();
    const before = [await looked(months, root.path), await looked(months, root.path)];

    await change(root.path);
    const after = await looked(months, root.path);

    expect(before[0]).toHaveLength(3);
    expect(before[1]).toEqual(before[0]);
    expect(after).toEqual(await looked(new MonthFolders(), root.path));
  });

  it("are read again while their times are young", async () => {
    await using root = await tempFolder();
    await settled(root.path);
    const now = new Date();
    await utimes(join(root.path, "2026"), now, now);
    const months = new MonthFolders();
    await looked(months, root.path);

    await mkdir(join(root.path, "2026/12"));
    await utimes(join(root.path, "2026"), now, now);

    expect(await looked(months, root.path)).toHaveLength(4);
  });
});

/** Moves a folder away and puts a link to it in its place. */
async function relink(path: string): Promise<void> {
  const away = `${path}-away`;
  await rename(path, away);
  await symlink(away, path);
}
