import type { Dirent } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { foldCase } from "../../contract/names.ts";
import { Folder } from "../../disk/folder.ts";

/**
 * Throws `conflict` when a new path would need a folder where a file is, or has a name, or a folder's, that some file system
 * takes for one that is there: so a copy of the memory fits everywhere.
 */
export async function assertNoCollision(root: string, path: string): Promise<void> {
  await using folder = await Folder.open(root);
  await checkNames(folder, path.split("/"));
}

async function checkNames(folder: Folder, [name = "", ...below]: readonly string[]): Promise<void> {
  const entries = await folder.entries();
  const same = entries.find((entry) => entry.name === name);
  if (same === undefined) return assertNoTwin(entries, name);
  if (below.length === 0) return;
  if (same.isFile()) throw conflict(`"${name}" is a file, so nothing can be below it`);
  await using child = await folder.enter(name);
  await checkNames(child, below);
}

function assertNoTwin(entries: readonly Dirent[], name: string): void {
  const folded = foldCase(name);
  const twin = entries.find((entry) => foldCase(entry.name) === folded);
  if (twin !== undefined)
    throw conflict(`"${name}" and "${twin.name}" are one name on systems that ignore case`);
}

function conflict(message: string): AppError {
  return new AppError("conflict", message, { hint: "Choose another path" });
}
