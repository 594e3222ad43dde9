import { LIMITS } from "../contract/limits.ts";
import { occurrences } from "./occurrences.ts";

/** The lines that hold what was put in, or why nothing was: `old` is missing, or stands in these lines more than once. */
export type Replaced =
  | { text: string; firstLine: number; lastLine: number }
  | { missing: true }
  | { lines: readonly number[] };

/** Replaces `old`, which is not empty and may span lines, by `new`, both literally, if it stands in the text exactly once. */
export function replaceOnce(text: string, { old, new: put }: { old: string; new: string }): Replaced {
  const [start, second] = firstTwo(occurrences(text, { find: old }));
  if (start === undefined) return { missing: true };
  if (second !== undefined) return { lines: linesOf(text, old) };
  const firstLine = lineEnds(text.slice(0, start)) + 1;
  return {
    text: text.slice(0, start) + put + text.slice(start + old.length),
    firstLine,
    lastLine: firstLine + lineEnds(put),
  };
}

/** Puts a line, or several, behind the line of this number; 0 is the beginning. `range`: the number of the last line. */
export function insertAfter(
  text: string,
  { line, inserted }: { line: number; inserted: string },
): { text: string } | { range: number } {
  const lines = text.split("\n");
  if (line < 0 || line > lines.length) return { range: lines.length };
  // The last line end of what is put in would make an empty line.
  lines.splice(line, 0, inserted.replace(/\n$/, ""));
  return { text: lines.join("\n") };
}

function firstTwo(places: Iterator<number, unknown>): [number | undefined, number | undefined] {
  const [first, second] = [places.next(), places.next()];
  return [first.done === true ? undefined : first.value, second.done === true ? undefined : second.value];
}

/** The numbers of the lines in which `find` begins, each once, and no more of them than tell that there are more. */
function linesOf(text: string, find: string): readonly number[] {
  const lines = new Set<number>();
  let line = 1;
  let end = text.indexOf("\n");
  for (const start of occurrences(text, { find })) {
    for (; end !== -1 && end < start; end = text.indexOf("\n", end + 1)) line += 1;
    lines.add(line);
    const isLast = end === -1;
    if (isLast || lines.size > LIMITS.memories.namedLines) break;
  }
  return [...lines];
}

function lineEnds(text: string): number {
  return text.split("\n").length - 1;
}
