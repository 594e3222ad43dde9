import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import type { TextRange } from "../access/workspace.ts";

/** The arguments of every tool that gives a text by pages. */
export const PAGE_ARGUMENTS = {
  from_line: z.int().min(1).optional().describe("First line to give; lines count from 1"),
  from_char: z
    .int()
    .min(0)
    .optional()
    .describe("Character of from_line to begin at, only to go on inside a line that was cut"),
  max_lines: z
    .int()
    .min(1)
    .max(LIMITS.answer.lines)
    .optional()
    .describe("At most so many lines; the size limit holds too"),
};

interface PageArguments {
  from_line?: number | undefined;
  from_char?: number | undefined;
  max_lines?: number | undefined;
}

/** What a text may take, so that there is room for what the server writes around it. */
export const FRAMED_TEXT_BYTES = LIMITS.answer.defaultBytes - LIMITS.answer.frameBytes;

/** The range that leaves room for what the server writes around the text. */
export function rangeOf({ from_line, from_char, max_lines }: PageArguments): TextRange {
  return { from_line, from_char, max_lines, max_bytes: FRAMED_TEXT_BYTES };
}

/** How to go on after a page, or undefined when it was the last one. */
export function howToGoOn(
  tool: string,
  { next_line, next_char }: { next_line?: number | undefined; next_char?: number | undefined },
): string | undefined {
  if (next_line === undefined) return undefined;
  const within = next_char === undefined ? "" : `, from_char=${next_char}`;
  return `More follows: call ${tool} again with from_line=${next_line}${within}.`;
}
