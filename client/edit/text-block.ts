import type { Edit, Plan, Rest, Unreadable } from "./edit.ts";
import { eolOf } from "./json-style.ts";

/** Lines of ours between two marks, at the end of a file whose comments begin with `#`. */
export interface Block {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A block in a text: the whole lines from mark to mark, and what stands between the marks. */
export interface FoundBlock {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** What to append to a shell file, a crontab or the like so that the block is in it. Pure. */
export function planBlock(text: string, block: Block): Plan {
  const found = blocksIn(text, block.name);
  if (found.length === 0) return { state: "insert", insertions: [blockInsertion(text, block)], made: [] };
  return { state: found.length === 1 && hasLines(found[0], block) ? "already" : "stale" };
}

/** The block at the end of the text, on lines of its own. */
export function blockInsertion(text: string, block: Block): { offset: number; text: string } {
  const eol = eolOf(text);
  const lines = [beginOf(block.name), ...block.lines, endOf(block.name)];
  return {
    offset: text.length,
    text: (/[^\n\uFEFF]$/.test(text) ? eol : "") + lines.map((line) => line + eol).join(""),
  };
}

/** The text without all blocks of this name, with whatever stands in them. Pure. */
export function withoutBlock(text: string, name: string): Rest | "nothing" | Unreadable {
  const found = blocksIn(text, name);
  if (found.length > 0) return { text: found.reduceRight(withoutLines, text), shifted: [] };
  const isOpen = linesOf(text).some(({ line }) => line === beginOf(name));
  return isOpen ? { unreadable: `the line "${endOf(name)}" is missing` } : "nothing";
}

/** All blocks of this name, in the order of the text. A mark without the other one is none. */
export function blocksIn(text: string, name: string): FoundBlock[] {
  const found: FoundBlock[] = [];
  let open: { from: number; lines: string[] } | undefined;
  for (const { line, from, to } of linesOf(text)) {
    if (line === beginOf(name)) open = { from, lines: [] };
    else if (line === endOf(name) && open !== undefined) {
      found.push({ ...open, to });
      open = undefined;
    } else open?.lines.push(line);
  }
  return found;
}

/** True for the block that holds just these lines. */
export function hasLines(found: FoundBlock | undefined, { lines }: Block): boolean {
  return found?.lines.join("\n") === lines.join("\n");
}

export function withoutLines(text: string, { from, to }: FoundBlock): string {
  return text.slice(0, from) + text.slice(to);
}

/** True when two texts are the same, but perhaps for the line break at the end. */
export function haveSameLines(one: string, other: string): boolean {
  return one.replace(/\r?\n$/, "") === other.replace(/\r?\n$/, "");
}

/** Ours in a shell file: marked lines at the end. */
export function blockEdit(block: Block): Edit {
  return {
    kind: "block",
    plan: (text) => planBlock(text, block),
    withoutOurs: (text) => withoutBlock(text, block.name),
    agree: haveSameLines,
    isEmpty: (text) => text.trim() === "",
  };
}

function beginOf(name: string): string {
  return `# >>> ${name} >>>`;
}

function endOf(name: string): string {
  return `# <<< ${name} <<<`;
}

function linesOf(text: string): { line: string; from: number; to: number }[] {
  return [...text.matchAll(/[^\n]*\n|[^\n]+$/g)].map(({ 0: whole, index }) => ({
    line: whole.replace(/\r?\n$/, ""),
    from: index,
    to: index + whole.length,
  }));
}
