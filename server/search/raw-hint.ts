import type { Task } from "./job.ts";
import type { Filter } from "./query.ts";
import { rawPattern } from "./raw-pattern.ts";

/** Whether the line that begins at this byte is worth reading. */
export type LineTest = (start: number) => boolean;

/** Words that the reading of a transcript adds by itself: they are not there. */
const ADDED = ["Conversation compacted", "Title: "];

/**
 * Tells from a transcript's raw bytes which lines cannot hold what is looked for, so that most need not be parsed.
 * A run of letters of what is looked for must stand in the raw line too, whatever is around it.
 */
export class RawHint {
  /** A line must match all of them. */
  readonly #patterns: readonly RegExp[];

  constructor(task: Task, { files }: Filter) {
    const texts = [...textsOf(task), ...(files === undefined || files.only.length === 0 ? [] : [files.only])];
    const hint = task.kind === "text" && task.hint !== undefined ? [new RegExp(task.hint, "g")] : [];
    const patterns = texts
      .map((group) => group.map(rawPattern))
      .filter((runs) => runs.length > 0 && runs.every((run) => run !== undefined))
      .map((runs) => new RegExp([...new Set(runs)].join("|"), "gi"));
    this.#patterns = [...hint, ...patterns].filter(
      (pattern) => !ADDED.some((text) => text.search(pattern) !== -1),
    );
  }

  /** Undefined when no line of the data is worth reading. */
  worth(data: Buffer): LineTest | undefined {
    if (this.#patterns.length === 0) return () => true;
    // One byte, one character: nothing is decoded or copied.
    const raw = data.toString("latin1");
    const groups = this.#patterns.map((pattern) => linesWith(raw, pattern));
    return groups.some(({ size }) => size === 0)
      ? undefined
      : (start) => groups.every((lines) => lines.has(start));
  }
}

/** Where the lines begin that match. */
function linesWith(raw: string, pattern: RegExp): Set<number> {
  const starts = new Set<number>();
  pattern.lastIndex = 0;
  for (let found = pattern.exec(raw); found !== null; found = pattern.exec(raw)) {
    starts.add(raw.lastIndexOf("\n", found.index) + 1);
    const end = raw.indexOf("\n", found.index);
    if (end === -1) break;
    pattern.lastIndex = end + 1;
  }
  pattern.lastIndex = 0;
  return starts;
}

/** Groups of folded texts: a turn that is found holds one text of every group. */
function textsOf(task: Task): (readonly string[])[] {
  if (task.kind === "literal") return [[task.needle]];
  if (task.kind !== "ranked") return [];
  return [task.words.map(({ text }) => text), ...task.phrases.map((phrase) => [phrase])];
}
