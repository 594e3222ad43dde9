import type { Task } from "./job.ts";
import type { Filter } from "../query/filter.ts";
import { allLines, linesWith } from "./raw-lines.ts";
import { rawPattern } from "./raw-pattern.ts";
import { linesWithRun, runIn } from "./raw-run.ts";

/** Words that the reading of a transcript adds by itself: they are not there. */
const ADDED = ["Conversation compacted", "Title: ", "unknown", "tool", "null"];
/** Of these a line has the words too, but all in small letters. */
const ADDED_CAPITALS = ["API error: ", "Error: ", "Turn aborted: "];

/** A letter, a digit, `-` or `_` that is written as an escape, as no client does. */
const ESCAPED = /\\u00(?:2d|3\d|[46][1-9a-f]|[57][0-9a]|5f)/gi;
const ESCAPE = "\\u00";

/** Finds lines that may be worth reading: where they begin, in bytes, ascending. */
type Finder = (data: Buffer) => ReadonlySet<number>;

/**
 * Tells from a transcript's raw bytes which lines cannot hold what is looked for, so that most need not be parsed.
 * A run of letters of what is looked for must stand in the raw line too, whatever is around it.
 */
export class RawHint {
  readonly #task: Task;
  readonly #filter: Filter;
  #finders: readonly Finder[] | undefined;

  /** Costs nothing until it is asked. */
  constructor(task: Task, filter: Filter) {
    this.#task = task;
    this.#filter = filter;
  }

  /** Where the lines begin that are worth reading, in bytes, ascending. */
  worth(data: Buffer): Iterable<number> {
    this.#finders ??= findersFor(this.#task, this.#filter);
    const [first, ...others] = this.#finders.map((find) => find(data));
    if (first === undefined) return allLines(data);
    const holding = [...first].filter((start) => others.every((lines) => lines.has(start)));
    if (!data.includes(ESCAPE, 0, "latin1")) return holding;
    return [...new Set([...holding, ...linesWith(data, ESCAPED)])].sort((a, b) => a - b);
  }
}

/** A line must be among those of all of them. */
function findersFor(task: Task, { files }: Filter): Finder[] {
  const texts = [...textsOf(task), ...(files === undefined || files.only.length === 0 ? [] : [files.only])];
  return [...hintOf(task), ...texts.flatMap(runFinder)];
}

function hintOf(task: Task): Finder[] {
  if (task.kind !== "text" || task.hint === undefined) return [];
  const hint = new RegExp(task.hint, "g");
  if (isIn([...ADDED, ...ADDED_CAPITALS], hint)) return [];
  const run = runIn(task.hint);
  return [(data) => (run === undefined ? linesWith(data, hint) : linesWithRun(data, run, hint))];
}

/** A turn that is found holds one of these folded texts. */
function runFinder(texts: readonly string[]): Finder[] {
  const runs = texts.map(rawPattern);
  if (runs.length === 0 || runs.some((run) => run === undefined)) return [];
  const pattern = new RegExp([...new Set(runs)].join("|"), "gi");
  return isIn(ADDED, pattern) ? [] : [(data) => linesWith(data, pattern)];
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
