import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import type { TokenFile, TokenStorage } from "../../server/access/stored-token.ts";
import { TokenBook } from "../../server/access/tokens.ts";

class MemoryStorage implements TokenStorage {
  file: TokenFile = { tokens: [] };
  readonly kept: boolean[] = [];

  async load(): Promise<TokenFile> {
    return this.file;
  }

  async save(file: TokenFile, { keepEarlier }: { keepEarlier: boolean }): Promise<void> {
    this.kept.push(keepEarlier);
    this.file = file;
  }
}

const ENV_TOKEN = {
  secret: "an-environment-token",
  principal: { id: "env", name: "env", role: "ai", scope: ["*"], writeScope: ["*"] },
} as const;

describe("the token book", () => {
  it("knows a token it made, from its hash alone", async () => {
    const storage = new MemoryStorage();
    const book = await TokenBook.open(storage, [ENV_TOKEN]);

    const { entry, secret } = await book.create({ name: "laptop", role: "sync", workspaces: ["laptop-*"] });
    const reopened = await TokenBook.open(storage, [ENV_TOKEN]);

    expect(secret).toMatch(/^fmsy_[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(storage.file)).not.toContain(secret);
    expect(reopened.authenticate(secret)).toEqual({
      id: entry.id,
      name: "laptop",
      role: "sync",
      scope: ["laptop-*"],
      writeScope: ["laptop-*"],
    });
    expect(reopened.authenticate(ENV_TOKEN.secret)?.id).toBe("env");
  });

  it("keeps what a token may write to apart from what it may read", async () => {
    const storage = new MemoryStorage();
    const book = await TokenBook.open(storage, []);

    const { secret } = await book.create({ name: "a", role: "ai", workspaces: ["*"], writes: ["laptop-*"] });
    const reopened = await TokenBook.open(storage, []);

    expect(reopened.authenticate(secret)).toMatchObject({ scope: ["*"], writeScope: ["laptop-*"] });
    expect(reopened.list()).toMatchObject([{ workspaces: ["*"], writes: ["laptop-*"] }]);
  });

  it("makes two tokens in one change, or none where there is room for one", async () => {
    const storage = new MemoryStorage();
    const book = await TokenBook.open(storage, []);
    const wanted = { name: "a", role: "ai", workspaces: ["*"] } as const;
    const one = { ...wanted, workspaces: [...wanted.workspaces] };

    await book.createPair(one, one);
    const saves = storage.kept.length;
    for (let made = 2; made < LIMITS.tokens.count - 1; made++) await book.create(one);
    const tooMany = book.createPair(one, one);

    expect(saves).toBe(1);
    await expect(tooMany).rejects.toMatchObject({ code: "too_large" });
    expect(storage.file.tokens).toHaveLength(LIMITS.tokens.count - 1);
  });

  it("knows nobody by an empty, a wrong, a shortened or an overlong secret", async () => {
    const book = await TokenBook.open(new MemoryStorage(), [ENV_TOKEN]);
    const { secret } = await book.create({ name: "a", role: "ai", workspaces: ["*"] });

    for (const wrong of [
      "",
      "x",
      secret.slice(0, -1),
      `${secret}x`,
      secret.toUpperCase(),
      "x".repeat(100_000),
    ])
      expect(book.authenticate(wrong)).toBeUndefined();
  });

  it("forgets a token at once when it is revoked, and when its time has come", async () => {
    let now = Date.parse("2026-11-21T00:00:00Z");
    const book = await TokenBook.open(new MemoryStorage(), [], () => now);
    const revoked = await book.create({ name: "r", role: "ai", workspaces: ["*"] });
    const expiring = await book.create({
      name: "e",
      role: "ai",
      workspaces: ["*"],
      expiresAt: new Date(now + 1000),
    });

    await book.revoke(revoked.entry.id);

    expect(book.authenticate(revoked.secret)).toBeUndefined();
    expect(book.authenticate(expiring.secret)).toBeDefined();
    now += 1000;
    expect(book.authenticate(expiring.secret)).toBeUndefined();
  });

  it("remembers when a token was last used", async () => {
    const storage = new MemoryStorage();
    const now = Date.parse("2026-11-21T10:00:00Z");
    const book = await TokenBook.open(storage, [], () => now);
    const { secret } = await book.create({ name: "a", role: "ai", workspaces: ["*"] });

    book.authenticate(secret);
    await book.saveLastUsed();

    expect(storage.file.tokens[0]?.last_used).toBe("2026-11-21T10:00:00.000Z");
    expect(book.list()[0]).toMatchObject({ name: "a", last_used: "2026-11-21T10:00:00.000Z" });
  });

  it("loses none of many changes made at once", async () => {
    const storage = new MemoryStorage();
    const book = await TokenBook.open(storage, []);

    await Promise.all(
      Array.from({ length: 20 }, (_, n) => book.create({ name: `t${n}`, role: "ai", workspaces: ["*"] })),
    );

    expect(new Set(storage.file.tokens.map(({ name }) => name)).size).toBe(20);
  });

  it("keeps earlier files for changes that matter, not for the last use", async () => {
    const storage = new MemoryStorage();
    const book = await TokenBook.open(storage, []);
    const { secret } = await book.create({ name: "a", role: "ai", workspaces: ["*"] });

    book.authenticate(secret);
    await book.saveLastUsed();

    expect(storage.kept).toEqual([true, false]);
  });

  it("counts valid tokens only: ended ones give way, oldest first", async () => {
    const storage = new MemoryStorage();
    const created_at = "2026-01-01T00:00:00.000Z";
    const sha256 = "0".repeat(64);
    storage.file.tokens = Array.from({ length: LIMITS.tokens.count }, (_, n) => {
      return { id: `tok_${n}`, name: `t${n}`, role: "ai", workspaces: ["*"], sha256, created_at };
    });
    const full = await TokenBook.open(storage, []);

    await expect(full.create({ name: "x", role: "ai", workspaces: ["*"] })).rejects.toMatchObject({
      code: "too_large",
    });
    await full.revoke("tok_7");
    await full.create({ name: "x", role: "ai", workspaces: ["*"] });

    expect(storage.file.tokens).toHaveLength(LIMITS.tokens.count);
    expect(storage.file.tokens.some(({ id }) => id === "tok_7")).toBe(false);
  });

  it("says so when there is no such token to revoke", async () => {
    const book = await TokenBook.open(new MemoryStorage(), []);

    await expect(book.revoke("tok_none")).rejects.toMatchObject({ code: "not_found" });
  });
});
