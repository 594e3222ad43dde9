import { readFile, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";

/** Makes a file that is ours alone hold these bytes. False when it did. */
export async function writeOwnFile(path: string, text: string | Uint8Array): Promise<boolean> {
  const data = typeof text === "string" ? Buffer.from(text) : Buffer.from(text);
  const present = await unlessMissing(readFile(path));
  if (present !== undefined && present.equals(data)) return false;
  await makeFolders(dirname(path));
  await using folder = await Folder.open(dirname(path));
  await replaceFile(folder, basename(path), data);
  return true;
}

/** True when a file of ours holds these bytes. */
export async function holdsText(path: string, text: string): Promise<boolean> {
  return (await unlessMissing(readFile(path)))?.equals(Buffer.from(text)) === true;
}

/** True when a file is there. */
export async function hasFile(path: string): Promise<boolean> {
  return (await unlessMissing(readFile(path))) !== undefined;
}

/** Takes a file of ours away. */
export async function removeOwnFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
