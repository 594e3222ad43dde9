import * as z from "zod";
import { Role } from "../../contract/wire.ts";
import type { Principal } from "./principal.ts";

/** A named token as it is kept: its hash, never its secret. */
export const StoredToken = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  workspaces: z.array(z.string()),
  /** Absent: as `workspaces`. */
  writes: z.array(z.string()).optional(),
  /** The slug of the machine whose join code it was made for; absent: made by hand. */
  machine: z.string().optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.string(),
  expires_at: z.string().optional(),
  revoked_at: z.string().optional(),
  last_used: z.string().optional(),
});
export type StoredToken = z.infer<typeof StoredToken>;

/** `_meta/tokens.json`: hashes only. */
export const TokenFile = z.object({ tokens: z.array(StoredToken) });
export type TokenFile = z.infer<typeof TokenFile>;

/** Where the book keeps its file; durable when it returns. */
export interface TokenStorage {
  load(): Promise<TokenFile>;
  /** `keepEarlier`: what it replaces stays beside it, as a backup of the last changes that matter. */
  save(file: TokenFile, options: { keepEarlier: boolean }): Promise<void>;
}

/** Who a stored token speaks for. */
export function principalOf(token: StoredToken): Principal {
  const { id, name, role, workspaces, writes = workspaces, machine, expires_at: expiresAt } = token;
  return {
    id,
    name,
    role,
    scope: workspaces,
    writeScope: writes,
    ...(machine !== undefined && { machine }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
