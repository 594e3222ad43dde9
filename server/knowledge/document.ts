import { isUtf8 } from "node:buffer";
import { AppError } from "../../contract/errors.ts";

/** Which content of a file: the current one, a numbered version, or the one that was current at a time. */
export interface AtVersion {
  version?: number | undefined;
  /** ISO 8601. */
  as_of?: string | undefined;
}

/** A whole text with what a conditional request needs. */
export interface Document {
  path: string;
  bytes: Buffer;
  sha256: string;
  modified: Date;
  version: number;
}

/** How much of a file is looked at to find its title. */
export const TITLE_SCAN_BYTES = 4096;
const TITLE_CHARS = 200;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$/;
const FENCE = /^ {0,3}(?:```|~~~)/;

/** The first markdown heading in the beginning of a file that is not code, else the file name. */
export function titleOf(beginning: Buffer, path: string): string {
  let fenced = false;
  for (const line of beginning.toString("utf8").split(/\r?\n/)) {
    if (FENCE.test(line)) fenced = !fenced;
    const heading = fenced ? undefined : HEADING.exec(line)?.[1];
    if (heading !== undefined) return heading.slice(0, TITLE_CHARS).toWellFormed();
  }
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Throws `too_large` and `invalid_input` for what cannot be stored as a text of at most `limitBytes`. */
export function assertText(content: Buffer, limitBytes: number): void {
  if (content.length > limitBytes)
    throw new AppError("too_large", `content: ${content.length} bytes; at most ${limitBytes} are stored`, {
      hint: "Split the file",
    });
  if (!isUtf8(content)) throw new AppError("invalid_input", "content: not valid UTF-8 text");
  if (content.includes(0)) throw new AppError("invalid_input", "content: holds a NUL character");
}
