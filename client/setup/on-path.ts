import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { isSystemError } from "../../disk/errno.ts";
import type { Env } from "../home/home.ts";

/** The path of a program that a shell would find; undefined when there is none. On Windows too without an extension. */
export function onPath(env: Env, name: string): string | undefined {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  const paths = folders.flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`)));
  return paths.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}
