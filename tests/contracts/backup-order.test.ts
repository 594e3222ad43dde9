import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { FolderSync } from "../../disk/folder-sync.ts";
import type { Item } from "../../server/backup/item.ts";
import { filesBelow } from "../../server/backup/read/files-below.ts";
import { storeItems } from "../../server/backup/order/store.ts";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { BackupLab, copied, damageIn, inFirst, lost } from "../support/backup-lab.ts";
import { openKnowledge } from "../support/knowledge.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A copy is made item by item; between any two of them somebody writes. */

const nothing = async () => {};
const FIRST = "laptop-codex-first";

/** Copies that are made while somebody writes, each time another kind of change at another place in the walk. */
const COPIES = 60;

/** What is wrong with them, in words. */
async function breaches(itemsOf: (root: string) => AsyncIterable<Item> | Iterable<Item>): Promise<string[]> {
  await using lab = await BackupLab.open();
  const found: string[] = [];
  let items = 0;
  for (let copy = 0; copy < COPIES; copy += 1) {
    await using into = await tempFolder();
    const before = [...lab.acked];
    const after = Math.floor((items * ((copy * 37) % COPIES)) / COPIES);
    ({ count: items } = await copied(itemsOf(lab.root), into.path, { after, act: () => lab.step() }));
    found.push(...(await lost(into.path, before)));
    found.push(...(await damageIn(into.path)).map(({ id, path }) => `after ${after}: ${id} ${path}`));
    // Enough to know that an order is wrong.
    if (found.length > 3) break;
  }
  return found;
}

describe("the order of a backup", () => {
  it("keeps whatever was acknowledged before, and nothing half, wherever a write comes between", async () => {
    const found = await breaches(storeItems);

    expect(found).toEqual([]);
  }, 300_000);

  it("is why: a plain walk fails the same test", async () => {
    const found = await breaches(function* (root) {
      using top = FolderSync.enter(root);
      yield* filesBelow(top, "");
    });

    expect(found).not.toEqual([]);
  }, 300_000);
});

describe("a memory that is renamed while it is copied", () => {
  it.each([
    ["z.md", "a.md"],
    ["a.md", "z.md"],
    ["z/old.md", "a/b/old.md"],
    ["z.md", "known.md"],
  ])(
    "%s to %s is at one of the two places, or at both, wherever that happens",
    async (from, to) => {
      const found: string[] = [];
      for (let after = 0, count = 1; after < count; after += 1) {
        await using opened = await openKnowledge();
        await using into = await tempFolder();
        const { id } = opened;
        const memories = opened.store.memories(id);
        for (const path of ["known.md", from]) await memories.create(path, Buffer.from("# Renamed\n"));
        await memories.remove("known.md");
        const act = async () => void (await memories.rename(from, to));

        ({ count } = await copied(storeItems(opened.root), into.path, { after, act }));

        const copy = await new KnowledgeStore(into.path, new WriteGuard(into.path)).list(id);
        if (!copy.entries.some(({ path }) => path === `/memories/${from}` || path === `/memories/${to}`))
          found.push(`after ${after}: nowhere`);
        const damage = await damageIn(into.path);
        found.push(...damage.filter(({ state }) => state === "fail").map(({ path }) => path));
      }

      expect(found).toEqual([]);
    },
    300_000,
  );

  it.each([
    ["just then", (path: string) => path.endsWith("/memories/b")],
    ["when all memories were looked at once", (path: string) => path.includes("/sessions/")],
  ])("is left out where a file is in the backup that has become a folder %s", async (_, isThen) => {
    await using lab = await BackupLab.open();
    await using into = await tempFolder();
    await lab.write(FIRST, "/memories/b", "# A file\n");
    let isDone = false;
    const items = async function* () {
      for await (const item of storeItems(lab.root)) {
        yield item;
        if (isDone || !isThen(item.path)) continue;
        isDone = true;
        await lab.remove(FIRST, "/memories/b");
        for (const path of ["/memories/b/new.md", "/memories/new.md"])
          await lab.write(FIRST, path, "# New\n");
      }
    };

    await copied(items(), into.path, { after: 0, act: nothing });

    expect(await readFile(inFirst(into.path, "memories/b"), "utf8")).toBe("# A file\n");
    expect(await readFile(inFirst(into.path, "memories/new.md"), "utf8")).toBe("# New\n");
  });
});

describe("a write that is under way", () => {
  it("is as good as done once its version is there", async () => {
    await using lab = await BackupLab.open();
    await using into = await tempFolder();
    const current = inFirst(lab.root, "knowledge/a/over.md");
    const next = join(inFirst(lab.root, ".versions/knowledge/a/over.md"), await nextVersion(lab.root));
    await writeFile(join(dirname(current), ".tmp-1-a"), "# Under way\n");
    await link(join(dirname(current), ".tmp-1-a"), next);

    await copied(storeItems(lab.root), into.path, { after: 0, act: nothing });

    expect(await readFile(inFirst(into.path, "knowledge/a/over.md"), "utf8")).toBe("# Under way\n");
    expect(await damageIn(into.path)).toEqual([]);
  });

  it("is a deletion once its mark is there", async () => {
    await using lab = await BackupLab.open();
    await using into = await tempFolder();
    const current = inFirst(lab.root, "knowledge/a/over.md");
    const mark = (await nextVersion(lab.root)).replace(".md", ".deleted");
    await writeFile(join(dirname(current), ".tmp-1-a"), "");
    await link(
      join(dirname(current), ".tmp-1-a"),
      join(inFirst(lab.root, ".versions/knowledge/a/over.md"), mark),
    );

    await copied(storeItems(lab.root), into.path, { after: 0, act: nothing });

    await expect(stat(inFirst(into.path, "knowledge/a/over.md"))).rejects.toThrow("ENOENT");
    expect(await damageIn(into.path)).toEqual([]);
  });
});

describe("what people did by hand", () => {
  it("is copied as it is: an edit by rename, a file in the place of a deleted one, a removed file", async () => {
    await using lab = await BackupLab.open();
    await using into = await tempFolder();
    const edited = inFirst(lab.root, "knowledge/a/over.md");
    await writeFile(`${edited}.new`, "# By hand\n");
    await rename(`${edited}.new`, edited);
    await writeFile(inFirst(lab.root, "knowledge/z/gone.md"), "# Back\n");
    await rm(inFirst(lab.root, "knowledge/z/over.md"));
    await writeFile(inFirst(lab.root, "remarks.txt"), "mine\n");

    await copied(storeItems(lab.root), into.path, { after: 0, act: nothing });

    expect(await readFile(inFirst(into.path, "knowledge/a/over.md"), "utf8")).toBe("# By hand\n");
    expect(await readFile(inFirst(into.path, "knowledge/z/gone.md"), "utf8")).toBe("# Back\n");
    await expect(stat(inFirst(into.path, "knowledge/z/over.md"))).rejects.toThrow("ENOENT");
    expect(await readFile(inFirst(into.path, "remarks.txt"), "utf8")).toBe("mine\n");
    expect((await damageIn(into.path)).map(({ id }) => id)).toEqual(Array(3).fill("current.edited"));
  });

  it("is copied without the index, the lock, the local admin, unfinished writes, intents and links", async () => {
    await using lab = await BackupLab.open();
    await using into = await tempFolder();
    const meta = join(lab.root, "_meta");
    await mkdir(join(meta, "index"));
    for (const name of ["index/sessions.sqlite", "lock.sqlite", "lock.sqlite-journal", "local-admin.json"])
      await writeFile(join(meta, name), "x");
    await writeFile(inFirst(lab.root, ".tmp-9-z"), "x");
    await writeFile(inFirst(lab.root, ".versions/memories.intent.json"), "{}");
    await symlink("/etc/passwd", inFirst(lab.root, "knowledge/link.md"));
    const skipped: string[] = [];

    for await (const item of storeItems(lab.root)) if (item.kind === "skipped") skipped.push(item.path);
    await copied(storeItems(lab.root), into.path, { after: 0, act: nothing });

    expect(skipped).toEqual(["workspaces/laptop-codex-first/knowledge/link.md"]);
    expect((await readdir(join(into.path, "_meta"))).filter((name) => /index|lock|admin/.test(name))).toEqual(
      [],
    );
    expect((await readdir(inFirst(into.path))).filter((name) => name.startsWith(".tmp-"))).toEqual([]);
    expect((await readdir(inFirst(into.path, ".versions"))).sort()).toEqual(["knowledge", "memories"]);
  });
});

it("keeps times to the millisecond, and second names of one file as such", async () => {
  await using lab = await BackupLab.open();
  await using into = await tempFolder();
  const [version = ""] = await readdir(inFirst(lab.root, ".versions/knowledge/a/over.md"));
  const time = new Date("2026-03-04T05:06:07.089Z");
  await utimes(inFirst(lab.root, ".versions/knowledge/a/over.md", version), time, time);

  await copied(storeItems(lab.root), into.path, { after: 0, act: nothing });

  const copy = await stat(inFirst(into.path, ".versions/knowledge/a/over.md", version));
  expect(Math.round(copy.mtimeMs)).toBe(time.getTime());
  const newest = (await readdir(inFirst(into.path, ".versions/knowledge/a/over.md"))).sort().at(-1) ?? "";
  const { ino } = await stat(inFirst(into.path, ".versions/knowledge/a/over.md", newest));
  expect((await stat(inFirst(into.path, "knowledge/a/over.md"))).ino).toBe(ino);
});

async function nextVersion(root: string): Promise<string> {
  const names = await readdir(inFirst(root, ".versions/knowledge/a/over.md"));
  const newest = Math.max(...names.map((name) => Number.parseInt(name, 10)));
  return `${String(newest + 1).padStart(6, "0")}.md`;
}
