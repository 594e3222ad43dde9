import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { KnowledgePath } from "../../contract/knowledge-path.ts";
import { readStoredText } from "../../server/knowledge/stored-text.ts";
import { openKnowledge } from "../support/knowledge.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ONE = Buffer.from("# One\n");
const TWO = Buffer.from("# Two\n");
const SECRET = "root:x:0:0 the secret outside";

const Collision = z.object({ id: z.string(), first: z.string(), second: z.string(), kind: z.string() });
const COLLISIONS = readFileSync(join(import.meta.dirname, "../fixtures/corpora/collisions.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => Collision.parse(JSON.parse(line)));

describe("names that collide", () => {
  it.each(COLLISIONS)("$id $kind: $first, then $second", async ({ first, second, kind }) => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    const paths = [first, second].map((path) => KnowledgePath.safeParse(path).data);
    const [one = "", two] = paths;
    await store.write(id, one, ONE);

    const answer = two === undefined ? "refused" : await outcome(store.write(id, two, TWO));

    // Some rows called "case" are one name in NFC (U+212B is Å): one document, like the other normal forms.
    const mayBe = kind === "compat" ? ["created", "refused"] : [one === two ? "updated" : "conflict"];
    expect(mayBe).toContain(answer);
    expect((await store.read(id, one)).bytes).toEqual(answer === "updated" ? TWO : ONE);
  });

  it("are refused for folders too, and in both directions", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "Docs/a.md", ONE);

    expect(await outcome(store.write(id, "docs/b.md", TWO))).toBe("conflict");
    expect(await outcome(store.write(id, "Docs", TWO))).toBe("conflict");
    expect(await outcome(store.write(id, "DOCS", TWO))).toBe("conflict");
    expect(await outcome(store.write(id, "Docs/a.md/b.md", TWO))).toBe("conflict");
    expect(await outcome(store.write(id, "Docs/b.md", TWO))).toBe("created");
  });

  it("may not hide the versions of a deleted file", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, "x", ONE);
    await store.delete(id, "x");

    expect(await outcome(store.write(id, "x/000001.md", TWO))).toBe("conflict");
    expect(await outcome(store.write(id, "x/000003.md", TWO))).toBe("created");
    await store.delete(id, "x/000003.md");
    expect(await store.write(id, "x", TWO)).toMatchObject({ status: "created", version: 4 });

    expect((await store.read(id, "x", { version: 1 })).bytes).toEqual(ONE);
    await expect(store.read(id, "x", { version: 3 })).rejects.toMatchObject({ code: "not_found" });
  });
});

/** Each puts something at `odd.md` that is no file of ours. */
const ODD_FILES: Record<string, (place: string, outside: string) => Promise<void>> = {
  "a link to a file outside": (place, outside) => symlink(join(outside, "secret.md"), place),
  "a link to nowhere": (place, outside) => symlink(join(outside, "nothing"), place),
  "a link to a file of its own": (place) => symlink("mine.md", place),
  "a link to itself": (place) => symlink("odd.md", place),
  "a hard link of a file outside": (place, outside) => link(join(outside, "secret.md"), place),
  "a FIFO": async (place) => void execFileSync("mkfifo", [place]),
  "a folder": (place) => mkdir(place).then(() => undefined),
};

describe.each(Object.entries(ODD_FILES))("%s", (kind, plant) => {
  it("is never read, written, deleted or listed (S2)", async () => {
    await using opened = await openKnowledge();
    await using outside = await tempFolder();
    const { store, id, folder } = opened;
    await store.write(id, "mine.md", ONE);
    await writeFile(join(outside.path, "secret.md"), SECRET);
    await plant(join(folder, "knowledge/odd.md"), outside.path);

    const outcomes = {
      read: await outcome(store.read(id, "odd.md")),
      write: await outcome(store.write(id, "odd.md", TWO)),
      delete: await outcome(store.delete(id, "odd.md")),
      search: await outcome((async () => readStoredText(opened.root, id, "odd.md"))()),
    };

    const write = kind === "a folder" ? "conflict" : "forbidden";
    expect(outcomes).toEqual({ read: "forbidden", write, delete: "forbidden", search: "forbidden" });
    expect((await store.list(id)).entries.map(({ path }) => path)).toEqual(["mine.md"]);
    expect(await readFile(join(outside.path, "secret.md"), "utf8")).toBe(SECRET);
    expect((await readdir(outside.path)).length).toBe(1);
    expect((await store.read(id, "mine.md")).bytes).toEqual(ONE);
    expect(readStoredText(opened.root, id, "mine.md").bytes).toEqual(ONE);
  });
});

describe.each(["knowledge", "knowledge/sub", ".versions", ".versions/knowledge"])(
  "a link in the place of %s",
  (place) => {
    it("is never followed (S2)", async () => {
      await using opened = await openKnowledge();
      await using outside = await tempFolder();
      const { store, id, folder } = opened;
      await store.write(id, "sub/a.md", ONE);
      await rm(join(folder, place), { recursive: true });
      await mkdir(join(outside.path, "sub"));
      await writeFile(join(outside.path, "a.md"), SECRET);
      await writeFile(join(outside.path, "sub/a.md"), SECRET);
      await symlink(outside.path, join(folder, place));

      const outcomes = [
        await outcome(store.read(id, "sub/a.md")),
        await outcome(store.write(id, "sub/a.md", TWO)),
        await outcome(store.write(id, "sub/new.md", TWO)),
        await outcome(store.delete(id, "sub/a.md")),
      ];
      await store.recover([id]);

      expect(new Set(outcomes)).toEqual(new Set(["forbidden"]));
      expect((await readdir(outside.path, { recursive: true })).sort()).toEqual(["a.md", "sub", "sub/a.md"]);
      expect(await readFile(join(outside.path, "sub/a.md"), "utf8")).toBe(SECRET);
    });
  },
);

it("lists and counts only what the store could have written", async () => {
  await using opened = await openKnowledge();
  const { store, id, folder } = opened;
  await store.write(id, "good.md", ONE);
  const knowledge = join(folder, "knowledge");
  for (const name of [".hidden.md", ".tmp-1-ab", "CON.md", "a:b.md", "cafe\u0301.md", "_meta", "trailing. "])
    await writeFile(join(knowledge, name), "x");
  await mkdir(join(knowledge, ".git"));
  await writeFile(join(knowledge, ".git/config.md"), "x");
  await symlink("/etc", join(knowledge, "etc"));

  const page = await store.list(id);

  expect(page.entries.map(({ path }) => path)).toEqual(["good.md"]);
  expect(await opened.reopen().counts(id)).toMatchObject({ files: 1, bytes: ONE.length });
});

it("counts nothing behind a link, without a failure that would hide other workspaces", async () => {
  await using opened = await openKnowledge();
  await using outside = await tempFolder();
  await writeFile(join(outside.path, "a.md"), SECRET);
  await symlink(outside.path, join(opened.folder, "knowledge"));

  const counts = await opened.store.counts(opened.id);

  expect(counts).toEqual({ files: 0, bytes: 0, memories: { files: 0, bytes: 0 } });
  expect(await outcome(opened.store.list(opened.id))).toBe("forbidden");
});

it("does not open a version that somebody made a link", async () => {
  await using opened = await openKnowledge();
  const { store, id, folder } = opened;
  await store.write(id, "a.md", ONE);
  await store.write(id, "a.md", TWO);
  const version = join(folder, ".versions/knowledge/a.md/000001.md");
  await rm(version);
  await symlink("/etc/passwd", version);

  expect(await outcome(store.read(id, "a.md", { version: 1 }))).toMatch(/forbidden|not_found/);
  expect((await store.read(id, "a.md")).bytes).toEqual(TWO);
});

/** The status of a write, "done" for what has none, else the code of the refusal. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    return z.object({ status: z.string().default("done") }).parse(await work).status;
  } catch (error) {
    return z.object({ code: z.string() }).parse(error).code;
  }
}
