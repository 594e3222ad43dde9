import type { Task } from "./job.ts";
import type { Filter } from "../query/query.ts";
import { linesWith } from "./raw-lines.ts";
import { rawPattern } from "./raw-pattern.ts";

/** Whether the line that begins at this byte is worth reading. */
export type LineTest = (start: number) => boolean;

/** Words that the reading of a transcript adds by itself: they are not there. */
const ADDED = ["Conversation compacted", "Title: ", "unknown", "tool", "null"];
/** Of these a line has the words too, but all in small letters. */
const ADDED_CAPITALS = ["API error: ", "Error: ", "Turn aborted: "];

/** A letter, a digit, `-` or `_` that is written as an escape, as no client does. */
const ESCAPED = /\\u00(?:2d|3\d|[46][1-9a-f]|[57][0-9a]|5f)/gi;
const ESCAPE = "\\u00";

/**
 * Tells from a transcript's raw bytes which lines cannot hold what is looked for, so that most need not be parsed.
 * A run of letters of what is looked for must stand in the raw line too, whatever is around it.
 */
export class RawHint {
  /** A line must match all of them. */
  readonly #patterns: readonly RegExp[];

  constructor(task: Task, { files }: Filter) {
    const texts = [...textsOf(task), ...(files === undefined || files.only.length === 0 ? [] : [files.only])];
    this.#patterns = [...hintOf(task), ...texts.flatMap(runPattern)];
  }

  /** Undefined when no line of the data is worth reading. */
  worth(data: Buffer): LineTest | undefined {
    if (this.#patterns.length === 0) return () => true;
    const groups = this.#patterns.map((pattern) => linesWith(data, pattern));
    const escaped = data.includes(ESCAPE, 0, "latin1") ? linesWith(data, ESCAPED) : undefined;
    const isEmpty = groups.some(({ size }) => size === 0) && (escaped === undefined || escaped.size === 0);
    if (isEmpty) return undefined;
    return (start) => groups.every((lines) => lines.has(start)) || escaped?.has(start) === true;
  }
}

function hintOf(task: Task): RegExp[] {
  if (task.kind !== "text" || task.hint === undefined) return [];
  const hint = new RegExp(task.hint, "g");
  return isIn([...ADDED, ...ADDED_CAPITALS], hint) ? [] : [hint];
}

/** A turn that is found holds one of these folded texts. */
function runPattern(texts: readonly string[]): RegExp[] {
  const runs = texts.map(rawPattern);
  if (runs.length === 0 || runs.some((run) => run === undefined)) return [];
  const pattern = new RegExp([...new Set(runs)].join("|"), "gi");
  return isIn(ADDED, pattern) ? [] : [pattern];
}

function isIn(texts: readonly string[], pattern: RegExp): boolean {
  return texts.some((text) => text.search(pattern) !== -1);
}

/** Groups of folded texts: a turn that is found holds one text of every group. */
function textsOf(task: Task): (readonly string[])[] {
  if (task.kind === "literal") return [task.needles];
  if (task.kind !== "ranked") return [];
  return [task.words.map(({ text }) => text), ...task.phrases.map((phrase) => [phrase])];
}
