import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { Joined } from "../../contract/wire.ts";
import { JoinBook, type JoinFile, type JoinStorage } from "../../server/access/joins.ts";
import { redeemJoin } from "../../server/access/redeem-join.ts";
import { failAt } from "../support/faults.ts";
import { joinBooks } from "../support/join-books.ts";
import { memoryRoot } from "../support/memory-root.ts";

const VICTIM = fileURLToPath(new URL("../support/join-victim.ts", import.meta.url));
const LAPTOP = { machine: "laptop", read: ["*"], minutes: 15 };
/** More calls than a redemption makes. */
const ENDLESS = 200;

class MemoryStorage implements JoinStorage {
  file: JoinFile = { joins: [] };
  saves = 0;

  async load(): Promise<JoinFile> {
    return this.file;
  }

  async save(file: JoinFile): Promise<void> {
    this.saves += 1;
    await new Promise((resolve) => setImmediate(resolve));
    this.file = file;
  }
}

describe("a join code", () => {
  it("is kept as its hash, and works once, also after a restart", async () => {
    const storage = new MemoryStorage();
    const book = await JoinBook.open(storage);

    const { code, entry } = await book.create(LAPTOP);
    const stored = JSON.stringify(storage.file);
    const first = await (await JoinBook.open(storage)).use(code);
    const second = await (await JoinBook.open(storage)).use(code);

    expect(code).toMatch(/^fmjo_[a-z2-7]{26}$/);
    expect(stored).not.toContain(code.slice("fmjo_".length));
    expect(first).toMatchObject({ id: entry.id, machine: "laptop", used_at: expect.any(String) });
    expect(second).toBeUndefined();
  });

  it("is used by one of twenty at once", async () => {
    const storage = new MemoryStorage();
    const book = await JoinBook.open(storage);
    const { code } = await book.create(LAPTOP);

    const uses = await Promise.all(Array.from({ length: 20 }, () => book.use(code)));

    expect(uses.filter((use) => use !== undefined)).toHaveLength(1);
  });

  it("ends with its time, and when it is revoked", async () => {
    let now = Date.parse("2026-11-21T00:00:00Z");
    const book = await JoinBook.open(new MemoryStorage(), () => now);
    const expiring = await book.create(LAPTOP);
    const revoked = await book.create(LAPTOP);

    await book.revoke(revoked.entry.id);
    const before = book.machineOf(expiring.code);
    now += 15 * 60_000;

    expect(before).toBe("laptop");
    expect(await book.use(expiring.code)).toBeUndefined();
    expect(await book.use(revoked.code)).toBeUndefined();
    await expect(book.revoke("join_nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  it("costs the disk nothing when it is wrong", async () => {
    const storage = new MemoryStorage();
    const book = await JoinBook.open(storage);
    const { code } = await book.create(LAPTOP);
    const saves = storage.saves;

    for (const wrong of ["", "fmjo_", code.slice(0, -1), `${code}a`, code.toUpperCase(), "x".repeat(100_000)])
      expect(await book.use(wrong)).toBeUndefined();

    expect(storage.saves).toBe(saves);
  });

  it("is one of so many at most; those that ended make room", async () => {
    let now = Date.parse("2026-11-21T00:00:00Z");
    const storage = new MemoryStorage();
    const book = await JoinBook.open(storage, () => now);
    for (let made = 0; made < LIMITS.joins.count; made++) await book.create(LAPTOP);

    const tooMany = book.create(LAPTOP);
    await expect(tooMany).rejects.toMatchObject({ code: "too_large" });
    now += 15 * 60_000;
    await book.create(LAPTOP);

    expect(storage.file.joins).toHaveLength(1);
  });
});

describe("the file of join codes", () => {
  it("is readable by its owner alone, and set aside when it is damaged", async () => {
    await using root = await memoryRoot();
    const { joins } = await joinBooks(root.path);
    const { code } = await joins.create(LAPTOP);
    const file = join(root.path, "_meta/joins.json");
    const { mode } = await stat(file);

    await writeFile(file, '{"joins": [{"id"');
    const { joins: empty } = await joinBooks(root.path);

    expect(mode & 0o777).toBe(0o600);
    expect(empty.machineOf(code)).toBeUndefined();
    expect((await readdir(join(root.path, "_meta"))).join(" ")).toMatch(/joins\.json\.damaged-/);
  });
});

describe("redeeming", () => {
  it("gives tokens for the machine's own workspaces", async () => {
    await using root = await memoryRoot();
    const books = await joinBooks(root.path);
    const { code } = await books.joins.create({ ...LAPTOP, read: ["desktop-*"] });

    const joined = await redeemJoin(books, { code });

    expect(books.tokens.authenticate(joined?.ai.secret ?? "")).toMatchObject({
      role: "ai",
      name: "laptop (join)",
      scope: ["desktop-*", "laptop-*"],
      writeScope: ["laptop-*"],
    });
    expect(books.tokens.authenticate(joined?.sync.secret ?? "")).toMatchObject({
      role: "sync",
      scope: ["laptop-*"],
      writeScope: ["laptop-*"],
    });
    expect((await joinBooks(root.path)).tokens.list().map(({ machine }) => machine)).toEqual([
      "laptop",
      "laptop",
    ]);
  });

  it("survives a kill at any call that changes the disk", { timeout: 120_000 }, async () => {
    const faults: string[] = [];

    for (let at = 1; at < ENDLESS; at++) {
      await using root = await memoryRoot();
      const { code } = await (await joinBooks(root.path)).joins.create(LAPTOP);
      const victim = spawn(process.execPath, [VICTIM, root.path, `${at}`, code], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const answer = Buffer.concat(await victim.stdout.toArray()).toString();
      if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
      faults.push(
        ...(await faultsAfter(root.path, code, answer)).map((fault) => `killed at ${at}: ${fault}`),
      );
      if (answer !== "") break;
    }

    expect(faults).toEqual([]);
  });

  it.each(["EIO", "ENOSPC"] as const)("survives %s at any call", async (fault) => {
    const faults: string[] = [];
    let isReached = true;

    for (let at = 1; isReached && at < ENDLESS; at++) {
      await using root = await memoryRoot();
      const { code } = await (await joinBooks(root.path)).joins.create(LAPTOP);
      const books = await joinBooks(root.path);
      let answer = "";
      {
        using injected = await failAt(at, fault);
        try {
          answer = JSON.stringify(await redeemJoin(books, { code }));
        } catch {
          // Refused: what counts is what is on the disk.
        }
        isReached = injected.reached;
      }
      faults.push(
        ...(await faultsAfter(root.path, code, answer)).map((text) => `${fault} at ${at}: ${text}`),
      );
    }

    expect(faults).toEqual([]);
  });
});

/** What a crash or a failure left wrong; `answer` is what was given out, "" for nothing. */
async function faultsAfter(root: string, code: string, answer: string): Promise<string[]> {
  const books = await joinBooks(root);
  const faults: string[] = [];
  const minted = books.tokens.list().length;
  const isUsable = books.joins.machineOf(code) !== undefined;
  if (minted !== 0 && minted !== 2) faults.push(`${minted} tokens were made`);
  if (isUsable && minted > 0) faults.push("tokens were made, but the code still works");
  if (answer !== "") {
    const { ai, sync } = Joined.omit({ url: true }).parse(JSON.parse(answer));
    if (books.tokens.authenticate(ai.secret) === undefined) faults.push("the AI token does not work");
    if (books.tokens.authenticate(sync.secret) === undefined) faults.push("the sync token does not work");
    if (isUsable) faults.push("the code was answered and still works");
  }
  const again = await redeemJoin(books, { code });
  if ((again !== undefined) !== isUsable) faults.push("what may be used cannot be, or the other way round");
  if (books.tokens.list().length > 2) faults.push("the code was used twice");
  if ((await readFile(join(root, "_meta/joins.json"), "utf8")).includes(code))
    faults.push("the code is stored");
  return faults;
}
