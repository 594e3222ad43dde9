import { chmod, link, mkdir, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import type { KnowledgeStore } from "../../server/knowledge/store.ts";
import { countReads } from "../support/file-reads.ts";
import { openKnowledge } from "../support/knowledge.ts";

const ONE = Buffer.from("# One\n");
const TWO = Buffer.from("# Two\n");
const PATH = "notes/a.md";

/** A store that has read the file once, long after it was written as far as its clock says. */
async function knownFile() {
  const opened = await openKnowledge();
  await opened.store.write(opened.id, PATH, ONE);
  opened.clock.set(later());
  await opened.store.read(opened.id, PATH);
  return { ...opened, file: join(opened.folder, "knowledge", PATH) };
}

/** So late that every change so far was made long ago. */
function later(): string {
  return new Date(Date.now() + 60_000).toISOString();
}

/** Bytes of files that were read for one reading of the text. */
async function readBytes(store: KnowledgeStore, id: string, path: string): Promise<number> {
  using reads = await countReads();
  await store.read(id, path);
  return reads.bytes;
}

describe("a text that was read before", () => {
  it("is the same, without the file being read again", async () => {
    await using opened = await knownFile();
    const { store, id } = opened;

    const bytes = await readBytes(store, id, PATH);

    expect(bytes).toBe(0);
    expect(await store.read(id, PATH)).toEqual(await opened.reopen().read(id, PATH));
  });

  it("is no other file's text, not even of the overview's name", async () => {
    await using opened = await knownFile();
    const { store, id } = opened;
    await store.write(id, "overview.md", ONE);
    await store.writeOverview(id, TWO);
    opened.clock.set(later());

    const first = [await store.read(id, "overview.md"), await store.readOverview(id)];
    using reads = await countReads();
    const again = [await store.read(id, "overview.md"), await store.readOverview(id)];

    expect([...first, ...again].map(({ bytes }) => String(bytes))).toEqual([ONE, TWO, ONE, TWO].map(String));
    expect(reads.bytes).toBe(0);
  });

  it("is read again when the file was changed a moment before: it may change again within the same tick", async () => {
    await using opened = await openKnowledge();
    const { store, id } = opened;
    await store.write(id, PATH, ONE);
    await store.read(id, PATH);

    const bytes = await readBytes(store, id, PATH);

    expect(bytes).toBe(ONE.length);
  });

  it("is read again when no version is linked to it: its number follows from what else is there", async () => {
    await using opened = await knownFile();
    const { store, id, file } = opened;
    const text = "# Made by hand\n";
    await rm(file);
    await writeFile(file, text);
    opened.clock.set(later());
    const edited = await store.read(id, PATH);

    const bytes = await readBytes(store, id, PATH);

    expect([edited.version, bytes]).toEqual([2, text.length]);
  });

  it("is read again when it may not be read any more", async () => {
    await using opened = await knownFile();
    await chmod(opened.file, 0o000);

    // Whoever runs this as root may read everything; that it was tried is what counts.
    const tried = await readBytes(opened.store, opened.id, PATH).catch((error: unknown) => error);

    expect(tried === ONE.length || (tried instanceof Error && tried.message.includes("EACCES"))).toBe(true);
  });
});

/** What people do to a file; each leaves its size and its time of modification as they were. */
const EDITS: Record<string, (file: string) => Promise<void>> = {
  "in place": (file) => writeFile(file, TWO),
  "by another file": async (file) => {
    await writeFile(`${file}.new`, TWO);
    await rename(`${file}.new`, file);
  },
};

describe.each(Object.entries(EDITS))("a known text that is edited %s", (_, edit) => {
  it("shows the edit at once", async () => {
    await using opened = await knownFile();
    const { atime, mtime } = await stat(opened.file);
    await edit(opened.file);
    await utimes(opened.file, atime, mtime);

    const document = await opened.store.read(opened.id, PATH);

    expect(document.bytes).toEqual(TWO);
  });
});

it("a known text that is edited again and again shows every edit", async () => {
  await using opened = await openKnowledge();
  const { store, id } = opened;
  await store.write(id, PATH, ONE);
  const file = join(opened.folder, "knowledge", PATH);

  for (let count = 0; count < 300; count += 1) {
    const text = `# ${String(count).padStart(3, "0")}\n`;
    await writeFile(file, text);
    expect(String((await store.read(id, PATH)).bytes)).toBe(text);
  }
});

it("a known text that is written, deleted or written anew is what was written last", async () => {
  await using opened = await knownFile();
  const { store, id } = opened;

  await store.write(id, PATH, TWO);
  const written = await store.read(id, PATH);
  await store.delete(id, PATH);
  const deleted = store.read(id, PATH);
  await expect(deleted).rejects.toMatchObject({ code: "not_found" });
  await store.write(id, PATH, ONE);
  const anew = await store.read(id, PATH);

  expect([written, anew]).toMatchObject([
    { bytes: TWO, version: 2 },
    { bytes: ONE, version: 4 },
  ]);
});

/** What may take the place of a known file or of a folder on its way, and how a reader is refused then. */
const TAKEN: [string, string, (file: string, folder: string) => Promise<void>][] = [
  ["a link to the same file", "forbidden", (file) => movedBehindLink(file)],
  ["a link on the way", "forbidden", (file) => movedBehindLink(dirname(file))],
  ["a link in the place of the workspace", "forbidden", (_, folder) => movedBehindLink(folder)],
  ["a folder", "forbidden", (file) => rm(file).then(() => mkdir(file))],
  ["another's hard link", "forbidden", replacedByHardLink],
  ["nothing", "not_found", (file) => rm(file)],
  ["a workspace moved elsewhere", "not_found", (_, folder) => rename(folder, `${folder}-moved`)],
];

describe.each(TAKEN)("a known text whose place was taken by %s", (_, code, take) => {
  it(`is ${code}`, async () => {
    await using opened = await knownFile();
    await take(opened.file, opened.folder);

    const reading = opened.store.read(opened.id, PATH);

    await expect(reading).rejects.toMatchObject({ code });
  });
});

it("texts are held as far as their limits allow, those read last", async () => {
  await using opened = await openKnowledge();
  const { store, id } = opened;
  const { knownBytes, knownFileBytes } = LIMITS.knowledge;
  const paths = Array.from({ length: knownBytes / knownFileBytes }, (_, number) => `${number}.md`);
  for (const path of paths) await store.write(id, path, Buffer.alloc(knownFileBytes, "x"));
  await store.write(id, "long.md", Buffer.alloc(knownFileBytes + 1, "x"));
  opened.clock.set(later());
  for (const path of ["long.md", ...paths]) await store.read(id, path);

  const bytes = {
    first: await readBytes(store, id, "0.md"),
    last: await readBytes(store, id, paths.at(-1) ?? ""),
    long: await readBytes(store, id, "long.md"),
  };

  expect(bytes).toEqual({ first: knownFileBytes, last: 0, long: knownFileBytes + 1 });
});

async function movedBehindLink(path: string): Promise<void> {
  await rename(path, `${path}-moved`);
  await symlink(`${path}-moved`, path);
}

async function replacedByHardLink(file: string, folder: string): Promise<void> {
  await writeFile(join(folder, "outside"), ONE.toReversed());
  await rm(file);
  await link(join(folder, "outside"), file);
}
