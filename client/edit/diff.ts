import { LIMITS } from "../../contract/limits.ts";

/** Lines that are the same, shown around a change. */
const CONTEXT = 3;
const NO_BREAK = "\\ No newline at end of file";

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** The difference of two texts as `diff -u` writes it; empty when they are equal. A CR is part of its line. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = comparison(linesOf(before), linesOf(after));
  const text = [`--- ${name}`, `+++ ${name}`, ...hunksOf(lines)];
  return text.map((line) => `${line}\n`).join("");
}

/** Lines with the mark that a text without a break at its end gets. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  const last = lines.pop();
  return last === "" || last === undefined ? lines : [...lines, `${last}\n${NO_BREAK}`];
}

function comparison(before: readonly string[], after: readonly string[]): Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...signed(" ", before.slice(0, head)),
    ...changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...signed(" ", before.slice(before.length - tail)),
  ];
}

/** By the longest common subsequence of the lines. */
function changes(before: readonly string[], after: readonly string[]): Line[] {
  // Two texts with so little in common are no edit of ours.
  if (before.length * after.length > LIMITS.client.diffPairs)
    return [...signed("-", before), ...signed("+", after)];
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  for (let x = 0, y = 0; x < before.length || y < after.length;) {
    const [old, fresh] = [before[x], after[y]];
    const dropped = common[x + 1]?.[y] ?? -1;
    const added = common[x]?.[y + 1] ?? -1;
    if (old !== undefined && old === fresh) lines.push({ sign: " ", text: old });
    else if (old !== undefined && (fresh === undefined || dropped >= added))
      lines.push({ sign: "-", text: old });
    else lines.push({ sign: "+", text: fresh ?? "" });
    if (lines.at(-1)?.sign !== "+") x += 1;
    if (lines.at(-1)?.sign !== "-") y += 1;
  }
  return lines;
}

/** For each pair of places the length of what both have in common from there on. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let x = before.length - 1; x >= 0; x--) {
    for (let y = after.length - 1; y >= 0; y--) {
      const [row, below] = [table[x], table[x + 1]];
      if (row === undefined || below === undefined) continue;
      const longer = Math.max(below[y] ?? 0, row[y + 1] ?? 0);
      row[y] = before[x] === after[y] ? (below[y + 1] ?? 0) + 1 : longer;
    }
  }
  return table;
}

function hunksOf(lines: readonly Line[]): string[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== " "),
  );
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (near[index] !== true) continue;
    if (near[index - 1] !== true) shown.push(headOf(lines, { from: index, to: endOfHunk(near, index) }));
    shown.push(line.sign + line.text);
  }
  return shown;
}

function endOfHunk(near: readonly boolean[], from: number): number {
  const end = near.indexOf(false, from);
  return end === -1 ? near.length : end;
}

function headOf(lines: readonly Line[], { from, to }: { from: number; to: number }): string {
  return `@@ -${rangeOf(lines, { from, to, other: "+" })} +${rangeOf(lines, { from, to, other: "-" })} @@`;
}

/** First line and count of a hunk in one of the texts: of all lines but those that are only in the other one. */
function rangeOf(
  lines: readonly Line[],
  { from, to, other }: { from: number; to: number; other: Line["sign"] },
): string {
  const before = lines.slice(0, from).filter(({ sign }) => sign !== other).length;
  const count = lines.slice(from, to).filter(({ sign }) => sign !== other).length;
  return `${count === 0 ? before : before + 1},${count}`;
}

function signed(sign: Line["sign"], texts: readonly string[]): Line[] {
  return texts.map((text) => ({ sign, text }));
}
