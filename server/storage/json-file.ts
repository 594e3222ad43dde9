import { randomBytes } from "node:crypto";
import { rename, unlink } from "node:fs/promises";
import type * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { linkOrCopy, readWhole, replaceFile } from "../../disk/atomic-file.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";

/** What a JSON file held. A damaged one is no JSON, not of the expected shape, or longer than any of ours. */
export type JsonRead<T> = { state: "whole"; value: T } | { state: "missing" } | { state: "damaged" };

/** Reads a JSON file and checks its shape; changes nothing. */
export async function readJson<T>(folder: Folder, name: string, schema: z.ZodType<T>): Promise<JsonRead<T>> {
  const handle = await unlessMissing(folder.openFile(name));
  if (handle === undefined) return { state: "missing" };
  await using file = handle;
  const bytes = await readWhole(file, LIMITS.storage.jsonBytes);
  const { data, success } = schema.safeParse(bytes && parseJson(bytes.toString("utf8")));
  return success ? { state: "whole", value: data } : { state: "damaged" };
}

/** Renames a damaged file out of the way, with its bytes; gives its new name. */
export async function setAside(folder: Folder, name: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${name}.damaged-${stamp}-${randomBytes(3).toString("hex")}`;
  await rename(folder.at(name), folder.at(aside));
  await folder.sync();
  return aside;
}

/** Replaces a JSON file atomically, mode 0600. Durable when it returns. */
export async function writeJson(folder: Folder, name: string, value: unknown): Promise<void> {
  await replaceFile(folder, name, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Like `writeJson`, keeping the contents before as `<name>.1` (the youngest), `<name>.2` and so on. A crash at any moment leaves the old or the new file under `name`. */
export async function writeJsonGeneration(folder: Folder, name: string, value: unknown): Promise<void> {
  for (let age: number = LIMITS.storage.generations; age > 1; age--)
    await unlessMissing(rename(folder.at(`${name}.${age - 1}`), folder.at(`${name}.${age}`)));
  await keepGeneration(folder, name);
  await writeJson(folder, name, value);
}

async function keepGeneration(folder: Folder, name: string): Promise<void> {
  const youngest = folder.at(`${name}.1`);
  try {
    await unlessMissing(linkOrCopy(folder.at(name), youngest));
  } catch (error) {
    // Two names of one file: the rename above did nothing, because a crash came before the current file was replaced.
    if (!isErrno(error, "EEXIST")) throw error;
    await unlessMissing(unlink(youngest));
    await unlessMissing(linkOrCopy(folder.at(name), youngest));
  }
}
