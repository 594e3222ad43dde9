import { AppError } from "../../contract/errors.ts";
import { byteLength } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { IndexStatus, Role, TokenEntry } from "../../contract/wire.ts";
import type { WorkspaceRegistry } from "../workspaces/registry.ts";
import { parseExpiry } from "./expiry.ts";
import { noSuchWorkspace } from "./refusals.ts";
import type { TokenBook } from "./tokens.ts";

export interface TokenWish {
  name: string;
  role: Role;
  /** Patterns; undefined means all workspaces. */
  workspaces?: string[] | undefined;
  /** `90d`, `12h`, `2w` or an ISO date. */
  expires?: string | undefined;
}

/** What an admin token may do. The same whether called over HTTP or by the command line that holds the lock. */
export interface AdminApi {
  createToken(wish: TokenWish): Promise<{ entry: TokenEntry; secret: string }>;
  listTokens(): Promise<TokenEntry[]>;
  revokeToken(id: string): Promise<TokenEntry>;
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
  readonly #registry: WorkspaceRegistry;
  readonly #index: OwnedIndex;

  constructor(parts: { tokens: TokenBook; registry: WorkspaceRegistry; index: OwnedIndex }) {
    this.#tokens = parts.tokens;
    this.#registry = parts.registry;
    this.#index = parts.index;
  }

  async createToken(wish: TokenWish): Promise<{ entry: TokenEntry; secret: string }> {
    const name = wish.name.trim();
    if (name === "" || byteLength(name) > LIMITS.tokens.nameBytes)
      throw new AppError("invalid_input", `name: 1 to ${LIMITS.tokens.nameBytes} bytes`);
    const workspaces = wish.workspaces?.map(scopePattern) ?? ["*"];
    // An empty variable in a script must not make a token for everything.
    if (workspaces.length === 0)
      throw new AppError("invalid_input", "workspaces: no pattern given", {
        hint: "Leave it out for all workspaces",
      });
    if (workspaces.length > LIMITS.tokens.scopePatterns)
      throw new AppError("invalid_input", `workspaces: at most ${LIMITS.tokens.scopePatterns} patterns`);
    const expiresAt = wish.expires === undefined ? undefined : parseExpiry(wish.expires, Date.now());
    return this.#tokens.create({ name, role: wish.role, workspaces, expiresAt });
  }

  async listTokens(): Promise<TokenEntry[]> {
    return this.#tokens.list();
  }

  revokeToken(id: string): Promise<TokenEntry> {
    return this.#tokens.revoke(id);
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

  #assertKnown(workspaceId: string): void {
    if (this.#registry.get(workspaceId) === undefined) throw noSuchWorkspace(workspaceId);
  }
}

function scopePattern(text: string): string {
  const pattern = text.trim().normalize("NFC").toLowerCase();
  if (!/^[\p{L}\p{M}\p{N}*-]{1,201}$/u.test(pattern))
    throw new AppError("invalid_input", `workspaces: not a workspace id or pattern: "${text.slice(0, 60)}"`, {
      hint: "Write an id such as laptop-claude-code-webshop, or a pattern such as 'laptop-*'",
    });
  return pattern;
}
