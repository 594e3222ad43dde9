import { randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import type { Role, TokenEntry } from "../../contract/wire.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import type { Principal } from "./principal.ts";
import { secretHash } from "./secret-hash.ts";
import { principalOf, type StoredToken, type TokenStorage } from "./stored-token.ts";

/** A token that comes from the environment or is made at start, not from the book. */
export interface FixedToken {
  secret: string;
  principal: Principal;
}

export interface NewToken {
  name: string;
  role: Role;
  /** Workspace id patterns with `*`. */
  workspaces: string[];
  /** Which of them it may also write to; undefined means all. */
  writes?: string[] | undefined;
  /** The slug of the machine that a join code was for. */
  machine?: string | undefined;
  expiresAt?: Date | undefined;
}

/** A token as it was made. The secret is nowhere else. */
export interface MadeToken {
  entry: TokenEntry;
  secret: string;
}

/** All tokens this server knows, as SHA-256. Secrets are 256-bit random, so a fast hash is enough. */
export class TokenBook {
  readonly #storage: TokenStorage;
  readonly #fixed: readonly { hash: Buffer; principal: Principal }[];
  readonly #now: () => number;
  readonly #changes = new KeyedMutex();
  /** Of each token of the book, as bytes. */
  readonly #hashes = new WeakMap<StoredToken, Buffer>();
  #tokens: StoredToken[];
  #lastUsed = new Map<string, number>();

  private constructor(
    storage: TokenStorage,
    fixed: readonly FixedToken[],
    tokens: StoredToken[],
    now: () => number,
  ) {
    this.#storage = storage;
    this.#fixed = fixed.map(({ secret, principal }) => ({ hash: secretHash(secret), principal }));
    this.#tokens = tokens;
    this.#now = now;
  }

  static async open(
    storage: TokenStorage,
    fixed: readonly FixedToken[],
    now: () => number = Date.now,
  ): Promise<TokenBook> {
    const { tokens } = await storage.load();
    return new TokenBook(storage, fixed, tokens, now);
  }

  /**
   * Who this secret speaks for; undefined for a wrong, revoked or expired one. Every known hash is compared, in
   * constant time each, whatever matched before.
   */
  authenticate(secret: string): Principal | undefined {
    if (secret === "" || secret.length > LIMITS.tokens.maximumChars) return undefined;
    const hash = secretHash(secret);
    let found: Principal | undefined;
    for (const { hash: known, principal } of this.#fixed) if (timingSafeEqual(known, hash)) found = principal;
    for (const token of this.#tokens) {
      if (!timingSafeEqual(this.#hashIn(token), hash) || !this.#isValid(token)) continue;
      this.#lastUsed.set(token.id, this.#now());
      found = principalOf(token);
    }
    return found;
  }

  list(): TokenEntry[] {
    return this.#tokens.map(({ sha256: _, ...entry }) => {
      const used = this.#lastUsed.get(entry.id);
      return used === undefined ? entry : { ...entry, last_used: new Date(used).toISOString() };
    });
  }

  /** Those that work now. */
  valid(): TokenEntry[] {
    return this.#tokens.filter((token) => this.#isValid(token)).map(({ sha256: _, ...entry }) => entry);
  }

  /** Makes a token; its secret is in the answer and nowhere else. Throws `too_large` when as many are valid as may be. */
  async create(wanted: NewToken): Promise<MadeToken> {
    this.assertRoom(1);
    const made = this.#made(wanted);
    await this.#add([made]);
    return made;
  }

  /** Makes two tokens that belong together: a crash leaves both or none. */
  async createPair(one: NewToken, other: NewToken): Promise<[MadeToken, MadeToken]> {
    this.assertRoom(2);
    const pair: [MadeToken, MadeToken] = [this.#made(one), this.#made(other)];
    await this.#add(pair);
    return pair;
  }

  /** Throws `too_large` when fewer than `count` more may be valid. */
  assertRoom(count: number): void {
    if (this.valid().length + count > LIMITS.tokens.count)
      throw new AppError("too_large", `${LIMITS.tokens.count} tokens are valid at most`, {
        hint: "Revoke some",
      });
  }

  #made(wanted: NewToken): MadeToken {
    const secret = `${SECRET_PREFIXES[wanted.role]}${randomBytes(32).toString("base64url")}`;
    const entry: TokenEntry = {
      id: `tok_${randomBytes(6).toString("hex")}`,
      name: wanted.name,
      role: wanted.role,
      workspaces: wanted.workspaces,
      ...(wanted.writes && { writes: wanted.writes }),
      ...(wanted.machine !== undefined && { machine: wanted.machine }),
      created_at: this.#iso(),
      ...(wanted.expiresAt && { expires_at: wanted.expiresAt.toISOString() }),
    };
    return { entry, secret };
  }

  #add(made: readonly MadeToken[]): Promise<void> {
    const added = made.map(({ entry, secret }) => ({ ...entry, sha256: secretHash(secret).toString("hex") }));
    return this.#change((tokens) => [...this.#withoutOldestEnded(tokens, added.length), ...added]);
  }

  /** Ends a token at once. Throws `not_found`. */
  async revoke(id: string): Promise<TokenEntry> {
    const known = this.#tokens.find((token) => token.id === id);
    if (known === undefined)
      throw new AppError("not_found", "No such token", { hint: "federated-memory token list shows the ids" });
    const { sha256, ...entry } = { ...known, revoked_at: known.revoked_at ?? this.#iso() };
    await this.#change((tokens) => tokens.map((token) => (token.id === id ? { ...entry, sha256 } : token)));
    return entry;
  }

  /** Writes down when tokens were last used; called now and then, and at the end. */
  async saveLastUsed(): Promise<void> {
    if (this.#lastUsed.size === 0) return;
    const used = this.#lastUsed;
    this.#lastUsed = new Map();
    await this.#change(
      (tokens) =>
        tokens.map((token) => {
          const time = used.get(token.id);
          return time === undefined ? token : { ...token, last_used: new Date(time).toISOString() };
        }),
      { keepEarlier: false },
    );
  }

  /** One change at a time, so none is computed from a list that another is about to replace. */
  async #change(
    change: (tokens: StoredToken[]) => StoredToken[],
    options: { keepEarlier: boolean } = { keepEarlier: true },
  ): Promise<void> {
    await this.#changes.run("tokens", async () => {
      const tokens = change(this.#tokens);
      await this.#storage.save({ tokens }, options);
      this.#tokens = tokens;
    });
  }

  /** Revoked and expired tokens stay listed, but give way, oldest first, to new ones. */
  #withoutOldestEnded(tokens: StoredToken[], added: number): StoredToken[] {
    const surplus = tokens.length + added - LIMITS.tokens.count;
    const dropped = new Set(tokens.filter((token) => !this.#isValid(token)).slice(0, Math.max(0, surplus)));
    return tokens.filter((token) => !dropped.has(token));
  }

  #hashIn(token: StoredToken): Buffer {
    const known = this.#hashes.get(token);
    if (known !== undefined) return known;
    const bytes = Buffer.from(token.sha256, "hex");
    this.#hashes.set(token, bytes);
    return bytes;
  }

  #isValid(token: StoredToken): boolean {
    return (
      token.revoked_at === undefined &&
      (token.expires_at === undefined || Date.parse(token.expires_at) > this.#now())
    );
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}
