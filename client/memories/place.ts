import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";

/** The name of a memory, and the names of the folders above it. */
export interface Place {
  name: string;
  above: readonly string[];
}

/** Of a path below the root, which is canonical and not empty. */
export function placeOf(path: string): Place {
  const segments = path.split("/");
  return { name: segments.at(-1) ?? "", above: segments.slice(0, -1) };
}

/** A folder below the root; undefined where none is, be it that a file is in its place. Throws `forbidden` for a link on the way. */
export async function enterIfThere(root: string, names: readonly string[]): Promise<Folder | undefined> {
  try {
    return await unlessMissing(Folder.below(root, ...names));
  } catch (error) {
    if (error instanceof AppError && (await isBelowFile(root, names))) return undefined;
    throw error;
  }
}

/** What is there under a path, whatever it is; a link is a link. */
export async function statusAt(root: string, path: string): Promise<Stats | undefined> {
  const { name, above } = placeOf(path);
  await using folder = await enterIfThere(root, above);
  return folder && (await unlessMissing(lstat(folder.at(name))));
}

async function isBelowFile(root: string, names: readonly string[]): Promise<boolean> {
  await using folder = await Folder.open(root);
  return await meetsFile(folder, names);
}

async function meetsFile(folder: Folder, [first = "", ...rest]: readonly string[]): Promise<boolean> {
  const status = await unlessMissing(lstat(folder.at(first)));
  if (status?.isDirectory() !== true || rest.length === 0) return status?.isFile() === true;
  await using child = await folder.enter(first);
  return await meetsFile(child, rest);
}
