import { LIMITS } from "../contract/limits.ts";
import { clipped } from "./clipped-text.ts";
import { TEXTS } from "./texts.ts";

const NUMBER_CHARS = 6;
const { viewChars } = LIMITS.memories;

/**
 * Lines with their numbers, of which the first is `first` and the file's last one `all`. Whole lines only, as many as there is
 * room for, and a remark that says which; a first line that alone is too long is clipped.
 */
export function numbered(lines: readonly string[], { first, all }: { first: number; all: number }): string {
  const rows: string[] = [];
  let chars = -1;
  for (const line of lines) {
    const row = `${String(first + rows.length).padStart(NUMBER_CHARS)}\t${line}`;
    chars += row.length + 1;
    if (chars > viewChars) return truncated(rows, row, { first, all });
    rows.push(row);
  }
  return rows.join("\n");
}

function truncated(rows: readonly string[], next: string, { first, all }: { first: number; all: number }) {
  if (rows.length === 0) return `${clipped(next, viewChars)}\n${TEXTS.longLine({ line: first, all })}`;
  const remark = TEXTS.moreLines({ from: first, to: first + rows.length - 1, all });
  return [...rows, remark].join("\n");
}
