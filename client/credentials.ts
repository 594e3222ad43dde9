import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as z from "zod";
import { AppError } from "../contract/errors.ts";
import { parseJson } from "../contract/json.ts";
import { LIMITS } from "../contract/limits.ts";
import { replaceFile } from "../disk/atomic-file.ts";
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
  await makeFolders(home.root);
  await using lock = await Lock.take(`${home.credentials}.lock`, LIMITS.client.credentialsLockWaitMs);
  if (lock === undefined)
    throw new AppError("unavailable", "Another memory-sync is writing credentials.json", {
      hint: "Try again",
    });
  const credentials = await readCredentials(home);
  const next = { ...credentials, write_tokens: { ...credentials.write_tokens, [workspaceId]: token } };
  await using folder = await Folder.open(home.root);
  await replaceFile(folder, basename(home.credentials), `${JSON.stringify(next, null, 2)}\n`);
}
