import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { AppError } from "../contract/errors.ts";
import { parseJson } from "../contract/json.ts";
import { LIMITS } from "../contract/limits.ts";
import { SECRET_PREFIXES } from "../contract/secrets.ts";
import { replaceFile } from "../disk/atomic-file.ts";
import { sha256 } from "../disk/digest.ts";
import { isErrno, unlessMissing } from "../disk/errno.ts";
import { Folder, makeFolders } from "../disk/folder.ts";
import type { Home } from "./home/home.ts";
import { Lock } from "./home/lock.ts";

const CredentialsFile = z.object({
  ai_token: z.string().optional(),
  sync_token: z.string().optional(),
  write_tokens: z
    .record(z.string(), z.string())
    .default({})
    .describe("Write token of each workspace, by its id"),
  offered_tokens: z
    .record(z.string(), z.string())
    .optional()
    .describe("Write tokens offered to the server, not yet known to be taken"),
  exported_tokens: z
    .array(z.string())
    .optional()
    .describe("Digests of the AI tokens that installing had shells export"),
});
export type Credentials = z.infer<typeof CredentialsFile>;

/**
 * The secrets of this machine (`credentials.json`, 0600); empty when there is no such file. Throws `damaged`
 * when it cannot be understood: a write token exists only here, so it is never overwritten by an empty one.
 */
export async function readCredentials(home: Home): Promise<Credentials> {
  const text = await unlessMissing(readFile(home.credentials, "utf8"));
  if (text === undefined) return { write_tokens: {} };
  const parsed = CredentialsFile.loose().safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AppError("damaged", "credentials.json is not what this program writes", {
    hint: `Repair or move ${home.credentials}; it is left as it is`,
  });
}

/** True when others of this machine may read the secrets. */
export async function isExposed(home: Home): Promise<boolean> {
  if (process.platform === "win32") return false;
  try {
    const file = await open(home.credentials, "r");
    try {
      return ((await file.stat()).mode & 0o077) !== 0;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return false;
    throw error;
  }
}

/** Keeps the write token of a workspace, durably. Other processes doing the same at the same time lose nothing. */
export async function keepWriteToken(home: Home, workspaceId: string, token: string): Promise<void> {
  await change(home, (held) => ({
    ...withoutOffer(held, workspaceId),
    write_tokens: { ...held.write_tokens, [workspaceId]: token },
  }));
}

/**
 * The write token that this machine offers with a registration, kept durably before it is sent: whoever dies before the
 * answer is kept offers the same one again, and the workspace that was registered is still its own.
 */
export async function offeredToken(home: Home, workspaceId: string): Promise<string> {
  let offered = `${SECRET_PREFIXES.write}${randomBytes(32).toString("base64url")}`;
  await change(home, (held) => {
    offered = held.offered_tokens?.[workspaceId] ?? offered;
    return { ...held, offered_tokens: { ...held.offered_tokens, [workspaceId]: offered } };
  });
  return offered;
}

/** Forgets an offer that the server refused. */
export async function withdrawOffer(home: Home, workspaceId: string): Promise<void> {
  await change(home, (held) => withoutOffer(held, workspaceId));
}

function withoutOffer(
  { offered_tokens: offers = {}, ...held }: Credentials,
  workspaceId: string,
): Credentials {
  const others = Object.entries(offers).filter(([id]) => id !== workspaceId);
  return others.length === 0 ? held : { ...held, offered_tokens: Object.fromEntries(others) };
}

interface GivenTokens {
  readonly ai?: string | undefined;
  readonly sync?: string | undefined;
}

/** Keeps the machine's tokens, as durably; one that is not given stays. False when they were kept already. */
export async function keepTokens(home: Home, tokens: GivenTokens): Promise<boolean> {
  return change(home, (held) => withTokens(held, tokens));
}

/** True when `keepTokens` would change nothing. Throws `damaged` as `readCredentials` does. */
export async function hasTokens(home: Home, tokens: GivenTokens): Promise<boolean> {
  const held = await readCredentials(home);
  return isDeepStrictEqual(held, withTokens(held, tokens));
}

/**
 * Keeps the digests of AI tokens that shells are made to export. A shell that is open goes on holding its copy, which must
 * not go before what is kept here later.
 */
export async function keepExported(home: Home, tokens: readonly string[]): Promise<void> {
  await change(home, (held) => {
    const known = held.exported_tokens ?? [];
    const added = tokens.map((token) => sha256(token)).filter((digest) => !known.includes(digest));
    return added.length === 0 ? held : { ...held, exported_tokens: [...known, ...added] };
  });
}

/** True for a token that installing had shells export, now or earlier. */
export function wasExported({ exported_tokens: digests = [] }: Credentials, token: string): boolean {
  return digests.includes(sha256(token));
}

function withTokens(held: Credentials, { ai, sync }: GivenTokens): Credentials {
  return {
    ...held,
    ...(ai !== undefined && { ai_token: ai }),
    ...(sync !== undefined && { sync_token: sync }),
  };
}

async function change(home: Home, next: (held: Credentials) => Credentials): Promise<boolean> {
  await makeFolders(home.root);
  await using lock = await Lock.take(`${home.credentials}.lock`, LIMITS.client.writerLockWaitMs);
  if (lock === undefined)
    throw new AppError("unavailable", "Another memory-sync is writing credentials.json", {
      hint: "Try again",
    });
  const held = await readCredentials(home);
  const wanted = next(held);
  if (isDeepStrictEqual(held, wanted)) return false;
  await using folder = await Folder.open(home.root);
  await replaceFile(folder, basename(home.credentials), `${JSON.stringify(wanted, null, 2)}\n`);
  return true;
}
