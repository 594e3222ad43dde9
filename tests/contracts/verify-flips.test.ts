import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backup } from "../../server/backup/backup.ts";
import { storeItems } from "../../server/backup/order/store.ts";
import { backupItems } from "../../server/backup/source.ts";
import { againstFindings } from "../../server/backup/verify/against.ts";
import { backupFindings, backupStamps } from "../../server/backup/verify/digests.ts";
import { bindingKey } from "../../server/storage/binding-key.ts";
import { BackupLab, damageIn } from "../support/backup-lab.ts";
import { filesIn, flip } from "../support/flips.ts";
import { memoryRoot } from "../support/memory-root.ts";
import { random } from "../support/random.ts";
import { lines } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A disk that turns bits over says nothing; `verify` has to. */

const FIRST = "laptop-codex-first";
const FILES = 620;
const SESSIONS = 220;

/** A store with more than a thousand files, made once. */
let original: BackupLab;

beforeAll(async () => {
  original = await BackupLab.open();
  for (let n = 0; n < FILES; n += 1)
    await original.write(FIRST, `many/${n % 20}/file-${n}.md`, `# File ${n}\n${"text ".repeat(n % 90)}\n`);
  for (let n = 0; n < SESSIONS; n += 1)
    await original.session(FIRST, `many-${n}`, lines(3 + (n % 40), 1_000_000 + 100 * n));
}, 300_000);
afterAll(() => original[Symbol.asyncDispose]());

/** A copy of it, with its second names and times. */
async function largeStore(): Promise<{ root: string } & AsyncDisposable> {
  const folder = await tempFolder();
  const root = join(folder.path, "store");
  execFileSync("cp", ["-a", original.root, root]);
  return { root, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe("one bit turned over in each of a thousand files", () => {
  it("of a backup: all are found, and nothing else is named", async () => {
    await using lab = await largeStore();
    await using work = await tempFolder();
    const { folder } = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 1, version: "1" });
    const all = filesIn(folder).filter(([path = ""]) => path.includes("/"));
    const flipped = all.filter((_, index) => index % 24 !== 0);
    const chance = random(4);

    for (const [index, [path = ""]] of flipped.entries())
      flip(join(folder, path), chance, { keepsTime: index % 2 === 0 });
    const { findings } = await backupFindings(backupItems(folder));

    expect(flipped.length).toBeGreaterThanOrEqual(1000);
    expect(findings.map(({ path }) => path).sort()).toEqual(flipped.flat().sort());
  }, 300_000);

  it("of a store, with a backup of it: all are found, and nothing else is named", async () => {
    await using lab = await largeStore();
    await using work = await tempFolder();
    const { folder } = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 1, version: "1" });
    const all = filesIn(lab.root).filter(([path = ""]) => path.startsWith("workspaces/"));
    const flipped = all.filter((_, index) => index % 24 !== 0);
    const chance = random(5);

    for (const [path = ""] of flipped) flip(join(lab.root, path), chance, { keepsTime: true });
    const findings = await againstFindings(storeItems(lab.root), await backupStamps(backupItems(folder)));

    // A version and the current file are one file with two names; it is named once.
    const named = new Set(findings.map(({ path }) => path));
    expect(flipped.length).toBeGreaterThanOrEqual(1000);
    expect(flipped.filter((names) => !names.some((path) => named.has(path)))).toEqual([]);
    expect([...named].filter((path) => !flipped.some((names) => names.includes(path)))).toEqual([]);
  }, 300_000);
});

describe("one bit turned over in each archive of a store", () => {
  it("is found wherever it is, but where no reader of gzip sees it", async () => {
    await using lab = await largeStore();
    const archives = filesIn(lab.root).flatMap(([path = ""]) => (path.endsWith(".jsonl.gz") ? [path] : []));
    const before = new Map(archives.map((path) => [path, gunzipSync(readFileSync(join(lab.root, path)))]));
    const flipped = archives.filter((_, index) => index % 10 !== 0);
    const chance = random(6);

    for (const path of flipped) flip(join(lab.root, path), chance, { keepsTime: true });
    const findings = await damageIn(lab.root);

    const named = new Set(findings.map(({ path }) => path));
    const missed = flipped.filter((path) => !named.has(path));
    expect([...named].filter((path) => !flipped.includes(path))).toEqual([]);
    // Between two blocks deflate leaves up to seven bits that mean nothing.
    expect(missed.filter((path) => !isAsBefore(path))).toEqual([]);
    expect(missed.length).toBeLessThan(flipped.length / 20);

    function isAsBefore(path: string): boolean {
      return gunzipSync(readFileSync(join(lab.root, path))).equals(before.get(path) ?? Buffer.alloc(0));
    }
  }, 300_000);
});

describe("what a backup says of itself", () => {
  it.each(["BACKUP.json", "files.sha256"])("is refused with any bit of %s turned over", async (name) => {
    await using store = await memoryRoot();
    await bindingKey(store.path);
    await using work = await tempFolder();
    const { folder } = await backup({ memoryRoot: store.path, into: work.path, keepDays: 1, version: "1" });
    const file = join(folder, name);
    const whole = readFileSync(file);
    const accepted: number[] = [];

    for (let bit = 0; bit < whole.length * 8; bit += name === "BACKUP.json" ? 1 : 997) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(file, bytes);
      const about = backupStamps(backupItems(folder)).then(
        () => true,
        () => false,
      );
      if (await about) accepted.push(bit);
    }

    expect(accepted.filter((bit) => !isSpace(whole[bit >> 3]))).toEqual([]);
  });
});

/** Between the words of JSON one kind of white space is as good as another. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a;
}
