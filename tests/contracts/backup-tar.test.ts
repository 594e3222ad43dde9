import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backup } from "../../server/backup/backup.ts";
import type { Item } from "../../server/backup/item.ts";
import { restore } from "../../server/backup/restore.ts";
import { backupItems } from "../../server/backup/source.ts";
import { backupTar } from "../../server/backup/tar/backup-tar.ts";
import { encodeHeader } from "../../server/backup/tar/header.ts";
import { encodePax } from "../../server/backup/tar/pax.ts";
import { tarItems } from "../../server/backup/tar/tar-items.ts";
import { TarWriter } from "../../server/backup/tar/tar-writer.ts";
import { backupFindings } from "../../server/backup/verify/digests.ts";
import { BackupLab, damageIn, inFirst } from "../support/backup-lab.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const tar = tool("tar", "tar");
const LONG = `${"ordner/".repeat(12)}${"ü".repeat(90)}.md`;
const OWNER = { uid: 1000, gid: 1000 };

describe.skipIf(tar === undefined)("a backup as a tar", () => {
  it("is extracted by GNU tar to what a backup in a folder is", async () => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    await lab.write("laptop-codex-first", LONG, "# Long\n");
    const made = await backup({
      memoryRoot: lab.root,
      into: join(work.path, "all"),
      keepDays: 1,
      version: "1",
    });
    await backupTar({ memoryRoot: lab.root, to: join(work.path, "one.tar"), version: "1" });
    const extracted = join(work.path, "extracted");
    await mkdir(extracted);

    execFileSync(tar ?? "", ["-xf", join(work.path, "one.tar"), "-C", extracted]);

    const { findings, files } = await backupFindings(backupItems(extracted));
    expect(findings).toEqual([]);
    expect(files).toBe(made.files);
    expect(await timesIn(extracted)).toEqual(await timesIn(made.folder));
    expect(await damageIn(extracted)).toEqual([]);
  });

  it.each(["pax", "gnu"])("is read as GNU tar writes it, with --format=%s", async (format) => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    await lab.write("laptop-codex-first", LONG, "# Long\n");
    const made = await backup({
      memoryRoot: lab.root,
      into: join(work.path, "all"),
      keepDays: 1,
      version: "1",
    });
    const file = join(work.path, "gnu.tar");
    execFileSync(tar ?? "", [`--format=${format}`, "-cf", file, "-C", made.folder, "."]);
    const into = join(work.path, "restored");

    const restored = await restore({ items: backupItems(file), into });

    expect(restored.files).toBe(made.files);
    expect(await damageIn(into)).toEqual([]);
  });
});

describe("names and sizes", () => {
  it("come back whatever they are: 1,024 bytes, letters of any script, line ends, backslashes", async () => {
    const paths = [
      "plain.md",
      "a".repeat(100),
      "b".repeat(101),
      `${"日本/".repeat(146)}ende`,
      "x\ny",
      "back\\slash",
    ];
    const items: Item[] = paths.map((path, index) => textItem(path, "x".repeat(index * 511)));

    const read = await listed(
      await written([...items, { kind: "link", path: "l".repeat(300), to: paths[3] ?? "" }]),
    );

    expect(read.map(({ path }) => path)).toEqual([...paths, "l".repeat(300)]);
    expect(read.map(({ text }) => text?.length)).toEqual([0, 511, 1022, 1533, 2044, 2555, undefined]);
    expect(read.at(-1)?.to).toBe(paths[3]);
  });

  it("keep their times to the millisecond", async () => {
    const modified = new Date("2026-03-04T05:06:07.089Z");
    const data = await written([{ ...textItem("a", "x"), modified }]);

    const [first] = await listed(data);

    expect(first?.modified).toEqual(modified);
  });
});

describe("a hostile tar", () => {
  const evil = (path: string, type = "0", linkName = "", sizeBytes = 0) =>
    encodeHeader({ name: path, type, linkName, sizeBytes, mtimeSeconds: 0, mode: 0o644, owner: OWNER });
  const end = Buffer.alloc(1024);
  const long = encodePax({ path: "../".repeat(60) });
  const twice = Buffer.concat([evil("a"), evil("a")]);

  it.each([
    ["a path that leads out", evil("../out")],
    ["a path that leads out further in", evil("a/../../out")],
    ["an absolute path", evil("/tmp/out")],
    [
      "a long path that leads out",
      Buffer.concat([evil("x", "x", "", long.length), long, Buffer.alloc(512 - long.length), evil("x")]),
    ],
    ["a symbolic link", evil("link", "2", "/etc/passwd")],
    ["a device", evil("null", "3")],
    ["a hard link to what is not in it", evil("link", "1", "/etc/passwd")],
    ["a name twice", twice],
    ["a file in the place of a folder", Buffer.concat([evil("a/b"), evil("a")])],
    ["a file that is also a folder", Buffer.concat([evil("a"), evil("a/b")])],
    ["a size that never comes", evil("big", "0", "", 8 ** 11 - 1)],
    ["a size of 2^63", huge()],
    ["no backup at all", evil("a")],
    ["a header that is none", Buffer.alloc(512, 7)],
  ])("is refused: %s", async (_name, bytes) => {
    await using work = await tempFolder();
    const file = join(work.path, "evil.tar");
    await writeFile(file, Buffer.concat([bytes, end]));

    const restoring = restore({ items: tarItems(createReadStream(file)), into: join(work.path, "into") });

    await expect(restoring).rejects.toMatchObject({ name: "AppError" });
    expect(await readdir(work.path)).toEqual(["evil.tar"]);
  });

  /** GNU's way to write a size in base 256. */
  function huge(): Buffer {
    const block = evil("huge");
    block.fill(0xff, 125, 136);
    block[124] = 0x80;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return block;
  }
});

it("leaves nothing under the tar's name when it cannot be finished", async () => {
  await using lab = await BackupLab.open();
  await using work = await tempFolder();
  const to = join(work.path, "one.tar");
  await rm(join(lab.root, "_meta/format.json"));
  await writeFile(join(lab.root, "_meta/format.json"), '{"format": 99}');

  const making = backupTar({ memoryRoot: lab.root, to, version: "1" });

  await expect(making).rejects.toMatchObject({ code: "unavailable" });
  expect(await readdir(work.path)).toEqual([]);
});

async function written(items: readonly Item[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const writer = new TarWriter(async (data) => void parts.push(Buffer.from(data)), {
    owner: OWNER,
    now: new Date(0),
  });
  for (const item of items) await writer.put(item);
  await writer.finish();
  return Buffer.concat(parts);
}

function textItem(path: string, text: string): Extract<Item, { kind: "file" }> {
  const data = Buffer.from(text);
  return { kind: "file", path, sizeBytes: data.length, modified: new Date(0), pieces: () => [data] };
}

interface Listed {
  path: string;
  to?: string;
  text?: string;
  modified?: Date;
}

/** In pieces that end anywhere. */
async function listed(data: Buffer): Promise<Listed[]> {
  async function* pieces() {
    for (let start = 0; start < data.length; start += 700) yield data.subarray(start, start + 700);
  }
  const found: Listed[] = [];
  for await (const item of tarItems(pieces())) {
    const { path } = item;
    if (item.kind === "link") found.push({ path, to: item.to });
    if (item.kind !== "file") continue;
    const parts: Buffer[] = [];
    for await (const piece of item.pieces()) parts.push(Buffer.from(piece));
    found.push({ path, text: Buffer.concat(parts).toString(), modified: item.modified });
  }
  return found;
}

/** When each version was written, to the millisecond. */
async function timesIn(root: string): Promise<[string, number][]> {
  const folder = inFirst(root, ".versions");
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\d{6}\.md$/.test(name)).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, number]> => [
      name,
      Math.round((await stat(join(folder, name))).mtimeMs),
    ]),
  );
}
