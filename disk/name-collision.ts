import type { Dirent } from "node:fs";
import { AppError } from "../contract/errors.ts";
import { foldCase } from "../contract/names.ts";
import type { Folder } from "./folder.ts";

const NOT_ASCII = /[^\0-\u007f]/;

/**
 * Throws `conflict` when a new file below `top`, or a folder on the way to it, would share its name with something that some
 * file system takes for the same, or would need a folder where a file is. So a copy of the tree fits everywhere. Closes `top`.
 */
export async function assertNamesFree(top: Folder, segments: readonly string[]): Promise<void> {
  let folder = top;
  for (const [index, segment] of segments.entries()) {
    await using parent = folder;
    const entries = await parent.entries();
    const same = entries.find(({ name }) => name === segment);
    const isLast = index === segments.length - 1;
    if (same === undefined) return assertNoFold(entries, segment);
    if (isLast && same.isDirectory()) throw nameConflict(`"${segment}" is a folder`);
    if (!isLast && same.isFile()) throw nameConflict(`"${segment}" is a file, so nothing can be below it`);
    if (!isLast) folder = await parent.enter(segment);
  }
}

/** A `conflict` about a name that cannot be given. */
export function nameConflict(message: string): AppError {
  return new AppError("conflict", message, { hint: "Choose another path" });
}

function assertNoFold(entries: readonly Dirent[], segment: string): void {
  const folded = fold(segment);
  const twin = entries.find(({ name }) => fold(name) === folded);
  if (twin !== undefined)
    throw nameConflict(`"${segment}" and "${twin.name}" are one name on systems that ignore case`);
}

/** `foldCase`, made fast for the names that most files have. */
function fold(name: string): string {
  return NOT_ASCII.test(name) ? foldCase(name) : name.toLowerCase();
}
