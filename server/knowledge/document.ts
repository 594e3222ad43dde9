import { isUtf8 } from "node:buffer";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";

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

/** What a file calls itself, and the line where it does. */
export interface Title {
  text: string;
  line: number;
}

const HEADING = /^ {0,3}#{1,6}[ \t]+(\S.*)$/s;
const FENCE = /^ {0,3}(?:```|~~~)/;

/** The first markdown heading in the beginning of a file that is not code, else the file name. */
export function titleOf(beginning: Buffer, path: string): Title {
  let fenced = false;
  for (const [index, line] of beginning.toString("utf8").split(/\r?\n/).entries()) {
    if (FENCE.test(line)) fenced = !fenced;
    const heading = fenced ? undefined : headingOf(line);
    if (heading === undefined) continue;
    return { text: heading.slice(0, LIMITS.knowledge.titleChars).toWellFormed(), line: index + 1 };
  }
  return { text: path.slice(path.lastIndexOf("/") + 1), line: 1 };
}

/** The text of a markdown heading, without the `#` that may close it; undefined for any other line. Takes time linear in the line. */
export function headingOf(line: string): string | undefined {
  const text = HEADING.exec(line)?.[1]?.trimEnd() ?? "";
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  // As in CommonMark: "# C#" is about C#.
  const isClosed = end === 0 || /\s/.test(text.charAt(end - 1));
  const heading = isClosed ? text.slice(0, end).trimEnd() : text;
  return heading === "" ? undefined : heading;
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
