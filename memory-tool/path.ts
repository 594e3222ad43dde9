import { pathFault } from "../contract/path-fault.ts";
import { TEXTS } from "./texts.ts";

const ROOT = "/memories";
/** Ways out of a folder, in all spellings that some layer may undo: dots, encoded bytes, NUL, the other slash. */
const ESCAPE = /(?:^|\/)\.\.?(?:\/|$)|%[0-9a-f]{2}|[\0\\]/i;

/**
 * The canonical path below `/memories` of what a model wrote, `""` for the root itself; or the sentence that refuses it. One
 * slash at the end is dropped. The rules are those of knowledge paths, so that every file system can hold the name.
 */
export function memoryPathOf(given: string): { path: string } | { fault: string } {
  if (given === ROOT || given === `${ROOT}/`) return { path: "" };
  if (!given.startsWith(`${ROOT}/`)) return { fault: TEXTS.outside(given) };
  const below = given.slice(ROOT.length + 1).replace(/\/$/, "");
  if (ESCAPE.test(below)) return { fault: TEXTS.escapes(given) };
  const path = below.isWellFormed() ? below.normalize("NFC") : below;
  // With a folder before it, names that only the root of knowledge reserves are good.
  const fault = pathFault(`memories/${path}`);
  return fault === undefined ? { path } : { fault: TEXTS.refusedPath(given, fault) };
}

/** A canonical path as models write and read it. */
export function shownPath(path: string): string {
  return path === "" ? ROOT : `${ROOT}/${path}`;
}
