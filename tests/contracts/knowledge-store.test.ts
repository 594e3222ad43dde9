import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { openKnowledge } from "../support/knowledge.ts";

const ONE = Buffer.from("# One\n");
const TWO = Buffer.from("# Two\n");
const THREE = Buffer.from("# Three\n");

describe("writing", () => {
  it("creates, updates, and leaves equal content alone", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;

    const created = await store.write(id, "auto/design.md", ONE);
    const updated = await store.write(id, "auto/design.md", TWO);
    const unchanged = await store.write(id, "auto/design.md", TWO);

    const path = "auto/design.md";
    expect(created).toEqual({ status: "created", path, version: 1, sha256: sha256(ONE) });
    expect(updated).toEqual({ status: "updated", path, version: 2, sha256: sha256(TWO) });
    expect(unchanged).toEqual({ status: "unchanged", path, version: 2, sha256: sha256(TWO) });
    expect(await readFile(join(folder, "knowledge", path))).toEqual(TWO);
    expect(await readdir(join(folder, ".versions/knowledge", path))).toEqual(["000001.md", "000002.md"]);
  });

  it("keeps the newest version as a hard link of the current file, readable by the server's user only", async () => {
    await using opened = await openKnowledge();
    await opened.store.write(opened.id, "a/b.md", ONE);

    const current = await stat(join(opened.folder, "knowledge/a/b.md"));
    const version = await stat(join(opened.folder, ".versions/knowledge/a/b.md/000001.md"));
    const parent = await stat(join(opened.folder, "knowledge/a"));

    expect(version.ino).toBe(current.ino);
    expect([current.mode & 0o777, parent.mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it("compares before it sets (I1)", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;

    await expect(store.write(id, "a.md", ONE, sha256(TWO))).rejects.toMatchObject({
      code: "conflict",
      details: { current_sha256: "" },
    });
    await store.write(id, "a.md", ONE, "");
    for (const expected of ["", sha256(TWO)])
      await expect(store.write(id, "a.md", THREE, expected)).rejects.toMatchObject({
        code: "conflict",
        details: { current_sha256: sha256(ONE) },
      });
    await store.write(id, "a.md", TWO, sha256(ONE));

    expect((await store.read(id, "a.md")).bytes).toEqual(TWO);
    expect((await store.list(id)).entries).toMatchObject([{ path: "a.md", versions: 2 }]);
  });

  it("lets exactly one of many writers with the same expectation win", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "a.md", ONE);

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => store.write(id, "a.md", Buffer.from(`${index}`), sha256(ONE))),
    );

    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await store.read(id, "a.md")).version).toBe(2);
  });

  it("orders writers without expectation; each content stays a version (D5)", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);

    const written = await Promise.all(texts.map((text) => store.write(id, "a.md", Buffer.from(text))));

    expect(written.map(({ version }) => version)).toEqual(texts.map((_, index) => index + 1));
    for (const [index, text] of texts.entries())
      expect((await store.read(id, "a.md", { version: index + 1 })).bytes.toString()).toBe(text);
  });

  it("takes text up to the limit, and nothing else", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const limit = LIMITS.knowledge.fileBytes;

    await store.write(id, "full.md", Buffer.alloc(limit, "x"));
    await store.write(id, "empty.md", Buffer.alloc(0));
    const refused = [
      { content: Buffer.alloc(limit + 1, "x"), code: "too_large" },
      { content: Buffer.from([0x61, 0xff]), code: "invalid_input" },
      { content: Buffer.from("a\0b"), code: "invalid_input" },
    ];
    for (const { content, code } of refused)
      await expect(store.write(id, "bad.md", content)).rejects.toMatchObject({ code });

    expect((await store.read(id, "full.md")).bytes.length).toBe(limit);
    expect((await readdir(join(folder, "knowledge"))).sort()).toEqual(["empty.md", "full.md"]);
  });

  it("stops at the limit of files, where known ones can still be changed", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "seed/first.md", ONE);
    for (let index = 0; index < LIMITS.knowledge.filesPerWorkspace - 2; index++)
      await writeFile(join(folder, "knowledge/seed", `f${index}.md`), "");
    const reopened = opened.reopen();

    await reopened.write(id, "last.md", ONE);

    await expect(reopened.write(id, "over.md", ONE)).rejects.toMatchObject({ code: "too_large" });
    expect((await reopened.write(id, "last.md", TWO)).status).toBe("updated");
    await reopened.delete(id, "seed/first.md");
    expect((await reopened.write(id, "over.md", ONE)).status).toBe("created");
  });
});

describe("deleting", () => {
  it("keeps the content as a version and frees the name", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a/b/c.md", ONE);
    await store.write(id, "a/b/c.md", TWO);

    const deleted = await store.delete(id, "a/b/c.md");

    expect(deleted).toEqual({ path: "a/b/c.md", kept_version: 2 });
    await expect(store.read(id, "a/b/c.md")).rejects.toMatchObject({ code: "not_found" });
    await expect(store.read(id, "a/b/c.md", { version: 3 })).rejects.toMatchObject({ code: "not_found" });
    expect((await store.read(id, "a/b/c.md", { version: 2 })).bytes).toEqual(TWO);
    expect((await store.list(id)).entries).toEqual([]);
    expect(await readdir(join(folder, "knowledge"))).toEqual([]);
    expect(await store.write(id, "a", THREE)).toMatchObject({ status: "created", version: 1 });
  });

  it("goes on counting when the file comes back", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "a.md", ONE);
    await store.delete(id, "a.md");

    const back = await store.write(id, "a.md", ONE, "");

    expect(back).toMatchObject({ status: "created", version: 3 });
    expect((await store.list(id)).entries).toMatchObject([{ path: "a.md", versions: 2 }]);
  });

  it("compares first, and says when there is nothing", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "a.md", ONE);

    await expect(store.delete(id, "a.md", sha256(TWO))).rejects.toMatchObject({
      code: "conflict",
      details: { current_sha256: sha256(ONE) },
    });
    await expect(store.delete(id, "b.md")).rejects.toMatchObject({ code: "not_found" });
    await store.delete(id, "a.md", sha256(ONE));

    await expect(store.delete(id, "a.md")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("reading earlier contents", () => {
  it("finds what was current at any time", async () => {
    await using opened = await openKnowledge();
    const { store, id, clock } = opened;
    clock.set("2026-01-01T00:00:00Z");
    await store.write(id, "a.md", ONE);
    clock.set("2026-01-02T00:00:00Z");
    await store.write(id, "a.md", TWO);
    clock.set("2026-01-03T00:00:00Z");
    await store.delete(id, "a.md");
    clock.set("2026-01-04T00:00:00Z");
    await store.write(id, "a.md", THREE);

    const at = async (as_of: string) => (await store.read(id, "a.md", { as_of })).bytes;

    await expect(at("2025-12-31T23:59:59Z")).rejects.toMatchObject({ code: "not_found" });
    expect(await at("2026-01-01")).toEqual(ONE);
    expect(await at("2026-01-01T23:59:59.999Z")).toEqual(ONE);
    expect(await at("2026-01-02")).toEqual(TWO);
    await expect(at("2026-01-03T12:00:00Z")).rejects.toMatchObject({ code: "not_found" });
    expect(await at("2026-01-04T01:00:00+01:00")).toEqual(THREE);
  });

  it("gives the same document by version, by its own time, and as the current one", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "a.md", ONE);

    const current = await store.read(id, "a.md");

    expect(current).toMatchObject({ path: "a.md", bytes: ONE, sha256: sha256(ONE), version: 1 });
    expect(await store.read(id, "a.md", { version: 1 })).toEqual(current);
    expect(await store.read(id, "a.md", { as_of: current.modified.toISOString() })).toEqual(current);
  });

  it.each([{ version: 9 }, { version: 0 }])("says that there is no $version", async (at) => {
    await using opened = await openKnowledge();
    await opened.store.write(opened.id, "a.md", ONE);

    await expect(opened.store.read(opened.id, "a.md", at)).rejects.toMatchObject({ code: "not_found" });
  });

  it.each([{ as_of: "yesterday" }, { version: 1, as_of: "2026-01-01" }])("refuses %j", async (at) => {
    await using opened = await openKnowledge();
    await opened.store.write(opened.id, "a.md", ONE);

    await expect(opened.store.read(opened.id, "a.md", at)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("drops by retention what is old, never what is newest", async () => {
    await using opened = await openKnowledge();
    const { store, id, clock } = opened;
    const count = LIMITS.versions.newest + 10;
    clock.set("2024-01-01T00:00:00Z");
    for (let index = 0; index < count; index++) await store.write(id, "a.md", Buffer.from(`${index}`));
    clock.set("2026-01-01T00:00:00Z");

    await store.write(id, "a.md", ONE);

    expect((await store.list(id)).entries).toMatchObject([{ versions: LIMITS.versions.newest }]);
    await expect(store.read(id, "a.md", { version: 11 })).rejects.toMatchObject({ code: "not_found" });
    expect((await store.read(id, "a.md", { version: 12 })).bytes.toString()).toBe("11");
    expect((await store.read(id, "a.md")).version).toBe(count + 1);
  });
});

describe("edits made by hand", () => {
  it.each(["write", "delete"] as const)("are shown, and kept as a version before a %s", async (how) => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await editByHand(join(folder, "knowledge/a.md"), "# By hand\n");

    const edited = await store.read(id, "a.md");
    const listed = await store.list(id);
    if (how === "write") await store.write(id, "a.md", TWO, edited.sha256);
    else await store.delete(id, "a.md", edited.sha256);

    expect(edited).toMatchObject({ version: 2, sha256: sha256("# By hand\n") });
    expect(listed.entries).toMatchObject([{ title: "By hand", versions: 2 }]);
    expect((await store.read(id, "a.md", { version: 1 })).bytes).toEqual(ONE);
    expect((await store.read(id, "a.md", { version: 2 })).bytes.toString()).toBe("# By hand\n");
  });

  it("get a version when the same text is written", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await editByHand(join(folder, "knowledge/a.md"), TWO.toString());

    const written = await store.write(id, "a.md", TWO);

    expect(written).toMatchObject({ status: "unchanged", version: 2 });
    expect((await store.read(id, "a.md", { version: 2 })).bytes).toEqual(TWO);
  });

  it("may make files, in place of deleted ones too", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await store.delete(id, "a.md");
    await writeFile(join(folder, "knowledge/a.md"), TWO);
    await writeFile(join(folder, "knowledge/new.md"), THREE);

    expect(await store.read(id, "a.md")).toMatchObject({ bytes: TWO, version: 3 });
    expect(await store.read(id, "new.md")).toMatchObject({ bytes: THREE, version: 1 });
    expect(await store.write(id, "new.md", ONE)).toMatchObject({ status: "updated", version: 2 });

    expect((await store.read(id, "new.md", { version: 1 })).bytes).toEqual(THREE);
  });

  it("may remove files, which then stay removed", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await rm(join(folder, "knowledge/a.md"));

    await opened.reopen().recover([id]);

    await expect(store.read(id, "a.md")).rejects.toMatchObject({ code: "not_found" });
    expect((await store.read(id, "a.md", { version: 1 })).bytes).toEqual(ONE);
    expect(await store.write(id, "a.md", ONE)).toMatchObject({ status: "created", version: 2 });
  });

  it("may make a file larger than is read, but not lose it", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    const large = "x".repeat(LIMITS.knowledge.fileBytes + 1);
    await writeFile(join(folder, "knowledge-large"), large);
    await store.write(id, "a.md", ONE);
    await rename(join(folder, "knowledge-large"), join(folder, "knowledge/a.md"));

    await expect(store.read(id, "a.md")).rejects.toMatchObject({ code: "too_large" });
    await store.write(id, "a.md", TWO);

    expect(await readFile(join(folder, ".versions/knowledge/a.md/000002.md"), "utf8")).toBe(large);
  });

  it("leave a store restored without hard links as it was", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await editByHand(join(folder, "knowledge/a.md"), ONE.toString());

    expect(await store.read(id, "a.md")).toMatchObject({ version: 1 });
    expect(await store.write(id, "a.md", TWO)).toMatchObject({ version: 2 });
  });
});

describe("listing", () => {
  it("is sorted by path, by pages, within a prefix", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const paths = ["a.md", "a/b.md", "a-b.md", "a/z/y.md", "a/b/c.md", "b/a.md", "é/ü.md", "Z.md"];
    for (const path of paths) await store.write(id, path, ONE);

    const all = await store.list(id);
    const paged: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const page = await store.list(id, { limit: 3, ...(cursor !== "" && { cursor }) });
      paged.push(...page.entries.map(({ path }) => path));
      cursor = page.next_cursor;
    }

    expect(all.entries.map(({ path }) => path)).toEqual(paths.toSorted());
    expect(all.next_cursor).toBeUndefined();
    expect(paged).toEqual(paths.toSorted());
    const below = await store.list(id, { prefix: "a/" });
    expect(below.entries.map(({ path }) => path)).toEqual(["a/b.md", "a/b/c.md", "a/z/y.md"]);
    const decomposed = await store.list(id, { prefix: "e\u0301" });
    expect(decomposed.entries.map(({ path }) => path)).toEqual(["é/ü.md"]);
  });

  it("goes on behind the last entry when files come and go", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    for (const path of ["a.md", "c.md", "e.md"]) await store.write(id, path, ONE);
    const first = await store.list(id, { limit: 2 });

    await store.delete(id, "c.md");
    await store.write(id, "b.md", ONE);
    await store.write(id, "d.md", ONE);
    const second = await store.list(id, { limit: 2, cursor: first.next_cursor });

    expect(second.entries.map(({ path }) => path)).toEqual(["d.md", "e.md"]);
  });

  it("ends a page where an answer is full", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const names = Array.from({ length: 110 }, (_, index) => `${"long".repeat(40)}-${1000 + index}.md`);
    for (const name of names) await store.write(id, name, Buffer.from(`# ${"title".repeat(50)}`));

    const first = await store.list(id);
    const second = await store.list(id, { cursor: first.next_cursor });

    expect(JSON.stringify(first.entries).length).toBeLessThanOrEqual(LIMITS.answer.defaultBytes);
    expect([...first.entries, ...second.entries].map(({ path }) => path)).toEqual(names);
  });

  it("shows title, size, time and versions", async () => {
    await using opened = await openKnowledge();
    const { store, id, clock } = opened;
    clock.set("2026-02-03T04:05:06.789Z");
    await store.write(id, "auto/plain.md", Buffer.from("no heading"));

    expect((await store.list(id)).entries).toEqual([
      {
        path: "auto/plain.md",
        bytes: 10,
        modified: "2026-02-03T04:05:06.789Z",
        title: "plain.md",
        versions: 1,
      },
    ]);
  });

  it("refuses a cursor of another listing", async () => {
    await using opened = await openKnowledge();

    await expect(opened.store.list(opened.id, { cursor: "abc" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });
});

describe("counts", () => {
  it("follow every write at once", async () => {
    await using opened = await openKnowledge();
    const { store, id, clock } = opened;
    const empty = await store.counts(id);
    clock.set("2026-02-03T04:05:06Z");
    await store.write(id, "a.md", Buffer.from("12345"));
    await store.write(id, "b/c.md", Buffer.from("123"));
    const two = await store.counts(id);
    await store.write(id, "a.md", Buffer.from("1"));
    await store.write(id, "a.md", Buffer.from("1"));
    await store.delete(id, "b/c.md");

    expect(empty).toEqual({ files: 0, bytes: 0, memories: { files: 0, bytes: 0 } });
    expect(two).toMatchObject({ files: 2, bytes: 8, lastModified: new Date("2026-02-03T04:05:06Z") });
    expect(await store.counts(id)).toMatchObject({ files: 1, bytes: 1 });
    expect(await opened.reopen().counts(id)).toMatchObject({ files: 1, bytes: 1 });
  });

  it("see files that people add, once they are told of it", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await store.write(id, "a.md", ONE);
    await store.counts(id);
    await writeFile(join(folder, "knowledge/b.md"), "12");
    const untold = await store.counts(id);

    store.edited([id]);
    const told = await store.counts(id);

    expect(untold).toMatchObject({ files: 1 });
    expect(told).toMatchObject({ files: 2 });
  });
});

describe("the overview", () => {
  it("is versioned like a knowledge file", async () => {
    await using opened = await openKnowledge();
    const { store, id, folder } = opened;
    await expect(store.readOverview(id)).rejects.toMatchObject({ code: "not_found" });

    const created = await store.writeOverview(id, ONE, "");
    const updated = await store.writeOverview(id, TWO, sha256(ONE));
    const unchanged = await store.writeOverview(id, TWO);

    expect(created).toEqual({ status: "created", workspace_id: id, version: 1, sha256: sha256(ONE) });
    expect(updated).toMatchObject({ status: "updated", version: 2 });
    expect(unchanged).toMatchObject({ status: "unchanged", version: 2 });
    await expect(store.writeOverview(id, THREE, sha256(ONE))).rejects.toMatchObject({ code: "conflict" });
    expect(await store.readOverview(id)).toMatchObject({ path: "overview.md", bytes: TWO, version: 2 });
    expect((await store.readOverview(id, { version: 1 })).bytes).toEqual(ONE);
    expect(await readdir(join(folder, ".versions/overview"))).toEqual(["000001.md", "000002.md"]);
    expect((await store.list(id)).entries).toEqual([]);
  });

  it("has a limit of its own", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const limit = LIMITS.overview.fileBytes;

    await store.writeOverview(id, Buffer.alloc(limit, "x"));

    await expect(store.writeOverview(id, Buffer.alloc(limit + 1, "x"))).rejects.toMatchObject({
      code: "too_large",
    });
  });
});

/** As most editors do: a new file in the place of the old one. */
async function editByHand(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await utimes(`${path}.new`, new Date(), new Date());
  await rename(`${path}.new`, path);
}
