import { cp, mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backup } from "../../server/backup/backup.ts";
import { newestIn, removeUnfinished, rotate } from "../../server/backup/rotate.ts";
import { backupItems } from "../../server/backup/source.ts";
import { backupFindings } from "../../server/backup/verify/digests.ts";
import { BackupLab, inFirst } from "../support/backup-lab.ts";
import { filesIn, flip } from "../support/flips.ts";
import { random } from "../support/random.ts";
import { tempFolder } from "../support/temp-folder.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A folder of backups: one real one, under a name for each of so many days, two on every third. */
async function backups(into: string, days: number): Promise<string[]> {
  await using lab = await BackupLab.open();
  const { folder } = await backup({
    memoryRoot: lab.root,
    into: join(into, "one"),
    keepDays: 1,
    version: "1",
  });
  const names: string[] = [];
  for (let day = 0; day < days; day += 1)
    for (const hour of day % 3 === 0 ? ["02", "14"] : ["02"]) {
      const date = new Date(Date.UTC(2026, 0, 1) + day * DAY_MS).toISOString().slice(0, 10);
      names.push(`${date.replaceAll("-", "")}T${hour}0000Z`);
      await cp(folder, join(into, names.at(-1) ?? ""), { recursive: true });
    }
  return names;
}

describe("rotation", () => {
  it("keeps of each day the newest, and fourteen days of thirty", async () => {
    await using work = await tempFolder();
    const names = await backups(work.path, 30);
    await writeFile(join(work.path, "notes.txt"), "mine");
    await mkdir(join(work.path, "20250101T000000Z"));
    await mkdir(join(work.path, "other"));

    const removed = await rotate(work.path, { keepDays: 14, now: new Date("2026-03-01T00:00:00Z") });

    const newest = names.filter((name, index) => names[index + 1]?.slice(0, 8) !== name.slice(0, 8));
    const kept = newest.slice(-14);
    const others = ["20250101T000000Z", "notes.txt", "one", "other"];
    expect((await readdir(work.path)).sort()).toEqual([...kept, ...others].sort());
    expect(removed).toEqual(names.filter((name) => !kept.includes(name)));
  });

  it("keeps all of the last day, so that two made one after the other are both there", async () => {
    await using work = await tempFolder();
    const names = await backups(work.path, 4);

    const removed = await rotate(work.path, { keepDays: 2, now: new Date("2026-01-05T01:00:00Z") });

    expect(names.slice(-2)).toEqual(["20260104T020000Z", "20260104T140000Z"]);
    expect(removed).toEqual(names.slice(0, 3));
  });

  it.runIf(process.platform === "linux")(
    "keeps a whole one of the same day, and of days before, beside those that lack something",
    async () => {
      await using lab = await BackupLab.open();
      await using work = await tempFolder();
      const make = async (name: string) => {
        const made = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 99, version: "1" });
        await rename(made.folder, join(work.path, name));
      };
      for (const name of ["20260101T000000Z", "20260102T000000Z"]) await make(name);
      await rename(inFirst(lab.root, "sessions"), join(lab.root, "elsewhere"));
      await symlink(join(lab.root, "elsewhere"), inFirst(lab.root, "sessions"));
      for (const name of ["20260102T010000Z", "20260103T000000Z", "20260104T000000Z"]) await make(name);

      const removed = await rotate(work.path, { keepDays: 2, now: new Date("2026-02-01T00:00:00Z") });

      const kept = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z", "20260104T000000Z"];
      expect((await readdir(work.path)).sort()).toEqual(kept);
      expect(removed).toEqual(["20260102T010000Z"]);
    },
  );

  it("removes what was cut short a day ago, not what is being made", async () => {
    await using work = await tempFolder();
    for (const name of ["20260101T000000Z.partial", "20260102T120000Z.partial", "mine.partial"])
      await mkdir(join(work.path, name));

    await removeUnfinished(work.path, new Date("2026-01-02T13:00:00Z"));

    expect((await readdir(work.path)).sort()).toEqual(["20260102T120000Z.partial", "mine.partial"]);
  });
});

describe("a second backup", () => {
  it("costs only what changed", async () => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    const first = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });
    const moved = join(work.path, "20260101T000000Z");
    await rename(first.folder, moved);
    await lab.write("laptop-codex-first", "a/over.md", "# Changed\n");

    const second = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });

    const inode = async (root: string, path: string) => (await stat(inFirst(root, path))).ino;
    const same = "knowledge/z/over.md";
    expect(await inode(second.folder, same)).toBe(await inode(moved, same));
    expect(await inode(second.folder, "knowledge/a/over.md")).not.toBe(
      await inode(moved, "knowledge/a/over.md"),
    );
    expect(newestIn(work.path)?.folder).toBe(second.folder);
  });

  it("does not inherit a file that was damaged in the first: it is copied anew, and named", async () => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    const first = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });
    const moved = join(work.path, "20260101T000000Z");
    await rename(first.folder, moved);
    const [page = "", archive = ""] = filesIn(moved)
      .flat()
      .filter((path) => path.endsWith("/knowledge/z/over.md") || path.endsWith("-grows.jsonl.gz"))
      .sort();
    for (const path of [page, archive]) flip(join(moved, path), random(9), { keepsTime: true });

    const second = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });

    const { findings } = await backupFindings(backupItems(second.folder));
    expect(findings).toEqual([]);
    expect(second.renewed).toEqual(expect.arrayContaining([archive]));
    expect(await readFile(join(second.folder, page))).toEqual(await readFile(join(lab.root, page)));
  });

  it("does not take a file that has another time or size", async () => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    const first = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });
    await rename(first.folder, join(work.path, "20260101T000000Z"));
    const page = join(lab.root, "remarks.txt");
    await writeFile(page, "one");
    await utimes(page, 1_700_000_000, 1_700_000_000);
    const second = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });
    await rename(second.folder, join(work.path, "20260102T000000Z"));
    await writeFile(page, "two");

    const third = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 14, version: "1" });

    const { ino } = await stat(join(work.path, "20260102T000000Z", "remarks.txt"));
    expect((await stat(join(third.folder, "remarks.txt"))).ino).not.toBe(ino);
  });
});

it("refuses to make a backup inside the store, or the store's own folder", async () => {
  await using lab = await BackupLab.open();

  const inside = backup({
    memoryRoot: lab.root,
    into: join(lab.root, "backups"),
    keepDays: 14,
    version: "1",
  });

  await expect(inside).rejects.toMatchObject({ code: "invalid_input" });
});
