import { randomBytes } from "node:crypto";
import { rename, unlink } from "node:fs/promises";
import type * as z from "zod";
import { linkOrCopy, replaceFile } from "../../disk/atomic-file.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";

/** Earlier contents of a JSON file kept beside it as `<name>.1` (the youngest) to `<name>.3`. */
const GENERATIONS = 3;

/** What a JSON file held. A damaged one is no JSON or not of the expected shape. */
export type JsonRead<T> = { state: "whole"; value: T } | { state: "missing" } | { state: "damaged" };

/** Reads a JSON file and checks its shape; changes nothing. */
export async function readJson<T>(folder: Folder, name: string, schema: z.ZodType<T>): Promise<JsonRead<T>> {
  const handle = await unlessMissing(folder.openFile(name));
  if (handle === undefined) return { state: "missing" };
  await using file = handle;
  const { data, success } = schema.safeParse(parse(await file.readFile("utf8")));
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

/** Like `writeJson`, keeping the three contents before. A crash at any moment leaves the old or the new file under `name`. */
export async function writeJsonGeneration(folder: Folder, name: string, value: unknown): Promise<void> {
  for (let age = GENERATIONS; age > 1; age--)
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
