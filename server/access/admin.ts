import { AppError } from "../../contract/errors.ts";
import { byteLength, slugify } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { IndexStatus, JoinEntry, MadeJoin, Role, TokenEntry } from "../../contract/wire.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import type { WorkspaceRegistry } from "../workspaces/registry.ts";
import { parseExpiry } from "./expiry.ts";
import type { JoinBook } from "./joins.ts";
import { assertApart, machineSlug } from "./machine-names.ts";
import { redeemJoin, type MachineTokens, type PresentedCode } from "./redeem-join.ts";
import { noSuchWorkspace } from "./refusals.ts";
import type { TokenBook } from "./tokens.ts";

export interface TokenWish {
  name: string;
  role: Role;
  /** Patterns; undefined means all workspaces. */
  workspaces?: string[] | undefined;
  /** Patterns of what it may also write to; undefined means all it reads. */
  writes?: string[] | undefined;
  /** `90d`, `12h`, `2w` or an ISO date. */
  expires?: string | undefined;
}

export interface JoinWish {
  machine: string;
  /** Patterns of what the machine's AI may read; undefined means all. */
  read?: string[] | undefined;
  /** When its tokens end: `90d`, `12h`, `2w` or an ISO date; undefined means never. */
  expires?: string | undefined;
  /** How long the code works. */
  minutes?: number | undefined;
}

/** What an admin token may do. The same whether called over HTTP or by the command line that holds the lock. */
export interface AdminApi {
  createToken(wish: TokenWish): Promise<{ entry: TokenEntry; secret: string }>;
  listTokens(): Promise<TokenEntry[]>;
  revokeToken(id: string): Promise<TokenEntry>;
  /** A code that is exchanged, once, for a machine's own tokens. Throws `conflict` for a name too near another machine's. */
  createJoin(wish: JoinWish): Promise<MadeJoin>;
  listJoins(): Promise<JoinEntry[]>;
  revokeJoin(id: string): Promise<JoinEntry>;
  /** A new write token for a workspace; the old one stops working. */
  reissue(workspaceId: string): Promise<{ workspace_id: string; write_token: string }>;
  /** Ends every binding of a workspace. */
  revokeBindings(workspaceId: string): Promise<{ workspace_id: string }>;
  /** What the search index holds. */
  indexStatus(): Promise<IndexStatus>;
  /** Throws the search index away, so that it is built anew: at once while a server runs, else when one starts. */
  rebuildIndex(): Promise<IndexStatus>;
}

/** The search index, as its owner has to do with it. */
interface OwnedIndex {
  status(): Promise<IndexStatus>;
  rebuild(): void;
}

export class Admin implements AdminApi {
  readonly #tokens: TokenBook;
  readonly #joins: JoinBook;
  readonly #registry: WorkspaceRegistry;
  readonly #index: OwnedIndex;
  /** Machines come one by one: each is compared with all that are there. */
  readonly #machinesChange = new KeyedMutex();

  constructor(parts: { tokens: TokenBook; joins: JoinBook; registry: WorkspaceRegistry; index: OwnedIndex }) {
    this.#tokens = parts.tokens;
    this.#joins = parts.joins;
    this.#registry = parts.registry;
    this.#index = parts.index;
  }

  async createToken(wish: TokenWish): Promise<{ entry: TokenEntry; secret: string }> {
    const name = wish.name.trim();
    if (name === "" || byteLength(name) > LIMITS.tokens.nameBytes)
      throw new AppError("invalid_input", `name: 1 to ${LIMITS.tokens.nameBytes} bytes`);
    const workspaces = scopePatterns("workspaces", wish.workspaces) ?? ["*"];
    const writes = scopePatterns("writes", wish.writes);
    const expiresAt = wish.expires === undefined ? undefined : parseExpiry(wish.expires, Date.now());
    return this.#tokens.create({ name, role: wish.role, workspaces, writes, expiresAt });
  }

  async listTokens(): Promise<TokenEntry[]> {
    return this.#tokens.list();
  }

  revokeToken(id: string): Promise<TokenEntry> {
    return this.#tokens.revoke(id);
  }

  async createJoin(wish: JoinWish): Promise<MadeJoin> {
    const machine = machineSlug(wish.machine);
    const read = scopePatterns("read", wish.read) ?? ["*"];
    const { minutes = LIMITS.joins.minutes } = wish;
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > LIMITS.joins.longestMinutes)
      throw new AppError("invalid_input", `minutes: a whole number from 1 to ${LIMITS.joins.longestMinutes}`);
    const tokensExpireAt = wish.expires === undefined ? undefined : parseExpiry(wish.expires, Date.now());
    return this.#machinesChange.run("machines", async () => {
      assertApart(machine, this.#machines());
      return this.#joins.create({ machine, read, tokensExpireAt, minutes });
    });
  }

  /** What a code is exchanged for; undefined for one that does not work, which waits for nothing. */
  async redeem(presented: PresentedCode): Promise<MachineTokens | undefined> {
    if (this.#joins.machineOf(presented.code) === undefined) return undefined;
    // Between the code and its tokens no other must find the machine missing.
    return this.#machinesChange.run("machines", () =>
      redeemJoin({ joins: this.#joins, tokens: this.#tokens }, presented),
    );
  }

  async listJoins(): Promise<JoinEntry[]> {
    return this.#joins.list();
  }

  revokeJoin(id: string): Promise<JoinEntry> {
    return this.#joins.revoke(id);
  }

  async reissue(workspaceId: string): Promise<{ workspace_id: string; write_token: string }> {
    this.#assertKnown(workspaceId);
    return { workspace_id: workspaceId, write_token: await this.#registry.issueWriteToken(workspaceId) };
  }

  async revokeBindings(workspaceId: string): Promise<{ workspace_id: string }> {
    this.#assertKnown(workspaceId);
    await this.#registry.bumpEpoch(workspaceId);
    return { workspace_id: workspaceId };
  }

  indexStatus(): Promise<IndexStatus> {
    return this.#index.status();
  }

  rebuildIndex(): Promise<IndexStatus> {
    this.#index.rebuild();
    return this.#index.status();
  }

  /** Every machine that has a workspace, tokens from a join, or a code. */
  #machines(): Set<string> {
    const joined = this.#tokens.valid().map(({ machine }) => machine);
    return new Set([
      ...this.#registry.list().map(({ machine }) => slugify(machine)),
      ...joined.filter((machine) => machine !== undefined),
      ...this.#joins.machines(),
    ]);
  }

  #assertKnown(workspaceId: string): void {
    if (this.#registry.get(workspaceId) === undefined) throw noSuchWorkspace(workspaceId);
  }
}

function scopePatterns(name: string, given: string[] | undefined): string[] | undefined {
  // An empty variable in a script must not make a token for everything.
  if (given?.length === 0)
    throw new AppError("invalid_input", `${name}: no pattern given`, {
      hint: "Leave it out for all workspaces",
    });
  if (given !== undefined && given.length > LIMITS.tokens.scopePatterns)
    throw new AppError("invalid_input", `${name}: at most ${LIMITS.tokens.scopePatterns} patterns`);
  return given?.map((text) => scopePattern(name, text));
}

function scopePattern(name: string, text: string): string {
  const pattern = text.trim().normalize("NFC").toLowerCase();
  if (!/^[\p{L}\p{M}\p{N}*-]{1,201}$/u.test(pattern))
    throw new AppError("invalid_input", `${name}: not a workspace id or pattern: "${text.slice(0, 60)}"`, {
      hint: "Write an id such as laptop-claude-code-webshop, or a pattern such as 'laptop-*'",
    });
  return pattern;
}
