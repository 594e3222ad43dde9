import { LIMITS } from "../../contract/limits.ts";
import type { TextRange } from "./workspace.ts";

/** Part of a text that fits into an answer, and where to go on. */
export interface TextPage {
  text: string;
  fromLine: number;
  /** Lines of the whole text. */
  lines: number;
  nextLine?: number;
  /** Set when `nextLine` was begun already: characters of it that were given. */
  nextChar?: number;
}

/**
 * The lines of `text` from `from_line` on that fit into `max_bytes`; a single line that is longer is cut, never in
 * the middle of a character. Pages put one after the other, with a line feed between whole lines, are the text.
 */
export function pageOfText(text: string, range: TextRange): TextPage {
  const lines = text.split("\n");
  const fromLine = range.from_line ?? 1;
  const budget = Math.min(range.max_bytes ?? LIMITS.answer.defaultBytes, LIMITS.answer.maxBytes);
  const lastLine = Math.min(lines.length, fromLine - 1 + (range.max_lines ?? lines.length));
  const taken: string[] = [];
  let bytes = 0;
  for (let line = fromLine; line <= lastLine; line += 1) {
    const skipped = line === fromLine ? (range.from_char ?? 0) : 0;
    const rest = (lines[line - 1] ?? "").slice(skipped);
    const size = Buffer.byteLength(rest) + 1;
    if (bytes + size > budget) {
      if (taken.length > 0) return { text: taken.join("\n"), fromLine, lines: lines.length, nextLine: line };
      const piece = cut(rest, budget);
      return { text: piece, fromLine, lines: lines.length, nextLine: line, nextChar: skipped + piece.length };
    }
    bytes += size;
    taken.push(rest);
  }
  const more = lastLine < lines.length && lastLine >= fromLine;
  return { text: taken.join("\n"), fromLine, lines: lines.length, ...(more && { nextLine: lastLine + 1 }) };
}

/** The longest beginning of at most `bytes` bytes that ends between two characters; at least one character. */
function cut(text: string, bytes: number): string {
  const fitting = new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
  return fitting === "" ? String.fromCodePoint(text.codePointAt(0) ?? 0) : fitting;
}
