import { accessSync, constants, lstatSync, mkdirSync, rmSync, type Stats } from "node:fs";
import { isSystemError } from "../../../disk/errno.ts";
import { indexFolder } from "./places.ts";

const FOLDER_MODE = 0o700;

/**
 * Makes the folder of the index, for its only writer. What else is at its place is deleted, for the index is derived; but
 * a link may lead to a folder, such as one on a disk of its own. Throws what the disk says, so when the link leads to none.
 */
export function makeIndexFolder(root: string): void {
  const path = indexFolder(root);
  const there = statsOf(path);
  if (there !== undefined && !there.isDirectory() && !there.isSymbolicLink()) rmSync(path);
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  // SQLite would not say what is wrong with which file.
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** What is at this path, a link for itself; undefined for nothing, and for what cannot be looked at. */
export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
