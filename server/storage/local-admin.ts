import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "./layout.ts";

/**
 * How the command line on the server's own machine reaches the running server: its address and an admin token
 * that lives as long as the process. Mode 0600, so only the server's user can read it.
 */
const LocalAdmin = z.object({ url: z.string(), token: z.string() });
export type LocalAdmin = z.infer<typeof LocalAdmin>;

/** Where a command on this machine reaches a server that listens on every address: those are no names to ask for. */
export function loopbackUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

export async function writeLocalAdmin(root: string, local: LocalAdmin): Promise<void> {
  await using folder = await Folder.open(join(root, LAYOUT.meta));
  await replaceFile(folder, LAYOUT.localAdmin, JSON.stringify(local));
}

/** Undefined when no server left one, or it cannot be read as one. */
export async function readLocalAdmin(root: string): Promise<LocalAdmin | undefined> {
  try {
    const text = await readFile(join(root, LAYOUT.meta, LAYOUT.localAdmin), "utf8");
    return LocalAdmin.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

export async function removeLocalAdmin(root: string): Promise<void> {
  try {
    await unlink(join(root, LAYOUT.meta, LAYOUT.localAdmin));
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
