import { randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import { JoinEntry } from "../../contract/wire.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import { secretHash } from "./secret-hash.ts";

const StoredJoin = JoinEntry.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
type StoredJoin = z.infer<typeof StoredJoin>;

/** `_meta/joins.json`: hashes only. */
export const JoinFile = z.object({ joins: z.array(StoredJoin) });
export type JoinFile = z.infer<typeof JoinFile>;

/** Where the book keeps its file; durable when it returns. */
export interface JoinStorage {
  load(): Promise<JoinFile>;
  save(file: JoinFile): Promise<void>;
}

export interface NewJoin {
  /** A slug. */
  machine: string;
  /** Workspace id patterns with `*`. */
  read: string[];
  /** When the tokens end that it is exchanged for. */
  tokensExpireAt?: Date | undefined;
  minutes: number;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const CODE_CHARS = 26;
const MINUTE_MS = 60_000;

/** Codes that work once, for a while: each is exchanged for one machine's own tokens. 130 random bits, kept as SHA-256. */
export class JoinBook {
  readonly #storage: JoinStorage;
  readonly #now: () => number;
  readonly #changes = new KeyedMutex();
  #joins: StoredJoin[];

  private constructor(storage: JoinStorage, joins: StoredJoin[], now: () => number) {
    this.#storage = storage;
    this.#joins = joins;
    this.#now = now;
  }

  static async open(storage: JoinStorage, now: () => number = Date.now): Promise<JoinBook> {
    const { joins } = await storage.load();
    return new JoinBook(storage, joins, now);
  }

  /** Those that may still be used, and those used or ended since the last change. */
  list(): JoinEntry[] {
    return this.#joins.map(({ sha256: _, ...entry }) => entry);
  }

  /** The machines whose codes may still be used. */
  machines(): string[] {
    return this.#joins.filter((join) => this.#isValid(join)).map(({ machine }) => machine);
  }

  /** The machine that a code is for; undefined for one that may not be used any more. */
  machineOf(code: string): string | undefined {
    return this.#valid(code)?.machine;
  }

  /** Makes a code; it is in the answer and nowhere else. Throws `too_large` when as many are valid as may be. */
  async create(wanted: NewJoin): Promise<{ entry: JoinEntry; code: string }> {
    const code = `${SECRET_PREFIXES.join}${randomText(CODE_CHARS)}`;
    const { machine, read, tokensExpireAt, minutes } = wanted;
    const entry: JoinEntry = {
      id: `join_${randomBytes(6).toString("hex")}`,
      machine,
      read,
      ...(tokensExpireAt && { tokens_expire_at: tokensExpireAt.toISOString() }),
      made_at: new Date(this.#now()).toISOString(),
      expires_at: new Date(this.#now() + minutes * MINUTE_MS).toISOString(),
    };
    await this.#change((joins) => {
      if (joins.length >= LIMITS.joins.count)
        throw new AppError("too_large", `${LIMITS.joins.count} join codes are valid already`, {
          hint: "Revoke some, or wait: federated-memory join list shows when they end",
        });
      return [...joins, { ...entry, sha256: secretHash(code).toString("hex") }];
    });
    return { entry, code };
  }

  /** Ends a code at once. Throws `not_found`. */
  async revoke(id: string): Promise<JoinEntry> {
    const known = this.list().find((join) => join.id === id);
    if (known === undefined)
      throw new AppError("not_found", "No such join code", {
        hint: "federated-memory join list shows the ids",
      });
    await this.#change((joins) => joins.filter((join) => join.id !== id));
    return known;
  }

  /**
   * Uses a code up; undefined for a wrong, used, revoked or expired one. When it returns the use is on disk: of
   * many at once one succeeds, and after a crash the code is used or was never answered.
   */
  async use(code: string): Promise<JoinEntry | undefined> {
    return this.#changes.run("joins", async () => {
      const join = this.#valid(code);
      if (join === undefined) return undefined;
      const { sha256, ...entry } = { ...join, used_at: new Date(this.#now()).toISOString() };
      const joins = this.#joins.map((other) => (other.id === join.id ? { ...entry, sha256 } : other));
      await this.#storage.save({ joins });
      this.#joins = joins;
      return entry;
    });
  }

  #valid(code: string): StoredJoin | undefined {
    if (code.length > LIMITS.tokens.maximumChars) return undefined;
    const hash = secretHash(code);
    const same = this.#joins.filter((join) => timingSafeEqual(Buffer.from(join.sha256, "hex"), hash));
    return same.find((join) => this.#isValid(join));
  }

  /** One change at a time; what has ended is dropped with it. */
  async #change(change: (valid: StoredJoin[]) => StoredJoin[]): Promise<void> {
    await this.#changes.run("joins", async () => {
      const joins = change(this.#joins.filter((join) => this.#isValid(join)));
      await this.#storage.save({ joins });
      this.#joins = joins;
    });
  }

  #isValid(join: StoredJoin): boolean {
    return join.used_at === undefined && Date.parse(join.expires_at) > this.#now();
  }
}

function randomText(chars: number): string {
  return Array.from(randomBytes(chars), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
