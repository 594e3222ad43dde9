import type { Task } from "./job.ts";
import type { Filter } from "./query.ts";

/** Whether the line that begins at this byte is worth reading. */
export type LineTest = (start: number) => boolean;

const ASCII_RUN = /[a-z0-9]+/g;
/** Letters that fold only to themselves and their capitals. */
const PLAIN_RUN = /[a-hjl-rt-z0-9]+/g;
const SHORTEST = 3;
/** The others, in a pattern for raw bytes: İ, the Kelvin sign and the long s fold to them. */
const RELATIVES = new Map(
  Object.entries({ i: "\u0130", k: "\u212a", s: "\u017f" }).map(([letter, relative]) => [
    letter,
    `(?:${letter}|${Buffer.from(relative).toString("latin1")})`,
  ]),
);

/**
 * Tells from a transcript's raw bytes which lines cannot hold what is looked for, so that most need not be parsed.
 * Clients write ASCII letters and digits into JSON as they are, so a longest run of them must stand in the raw line
 * too, whatever is around it. (Only the few words that the reading of a transcript adds by itself are not there.)
 */
export class RawHint {
  /** A line must match all of them. */
  readonly #patterns: readonly RegExp[];

  constructor(task: Task, { files }: Filter) {
    const texts = [...textsOf(task), ...(files === undefined || files.only.length === 0 ? [] : [files.only])];
    this.#patterns = texts
      .map((group) => group.map(runPattern))
      .filter((runs) => runs.length > 0 && runs.every((run) => run !== undefined))
      .map((runs) => new RegExp([...new Set(runs)].join("|"), "gi"));
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

/** A pattern for raw bytes that hold a folded text; undefined for one with no run that is long enough. */
function runPattern(folded: string): string | undefined {
  const plain = longest(folded.match(PLAIN_RUN) ?? []);
  if (plain.length >= SHORTEST) return plain;
  const run = longest(folded.match(ASCII_RUN) ?? []);
  return run.length < SHORTEST
    ? undefined
    : run.replaceAll(/[iks]/g, (letter) => RELATIVES.get(letter) ?? letter);
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), "");
}
