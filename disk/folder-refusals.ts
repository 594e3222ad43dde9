import { lstat } from "node:fs/promises";
import { AppError } from "../contract/errors.ts";

/** Throws for what is no name of a child. */
export function assertSegment(name: string): void {
  if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0"))
    throw new Error("a child's name is one path segment");
}

/** Throws `forbidden` for a link and for what is no folder. For systems that cannot open without following. */
export async function assertFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw notFolder();
}

/** Throws `forbidden` for a link and for what is no regular file. For systems that cannot open without following. */
export async function assertFile(path: string, name: string): Promise<void> {
  if (!(await lstat(path)).isFile()) throw notRegular(name);
}

/** Why a folder is not entered. */
export function notFolder(cause?: unknown): AppError {
  return new AppError(
    "forbidden",
    "A folder on the way is a link or not a folder; links are never followed",
    { cause },
  );
}

/** Why a file is not opened. */
export function notRegular(name: string, cause?: unknown): AppError {
  return new AppError("forbidden", `Not a regular file: "${name}"; links and devices are never opened`, {
    cause,
  });
}
