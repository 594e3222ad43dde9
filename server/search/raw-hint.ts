import type { Task } from "./job.ts";

const ASCII_RUN = /[a-z0-9]+/g;
const SHORTEST = 3;

/**
 * Tells from a transcript's raw bytes which lines cannot hold what is looked for, so that most need not be parsed.
 * Clients write ASCII letters and digits into JSON as they are, so a longest run of them must stand in the raw line
 * too, whatever is around it. (Only the few words that the reading of a transcript adds by itself are not there.)
 */
export class RawHint {
  readonly #runs: readonly string[] | undefined;

  constructor(task: Task) {
    const runs = textsOf(task)?.map(longestRun);
    this.#runs = runs?.every((run) => run.length >= SHORTEST) === true ? runs : undefined;
  }

  /** For every line of the data, whether it is worth reading; undefined when none is. */
  worth(data: Buffer): ((line: number) => boolean) | undefined {
    const runs = this.#runs;
    if (runs === undefined) return () => true;
    const raw = data.toString("latin1").toLowerCase();
    const present = runs.filter((run) => raw.includes(run));
    if (present.length === 0) return undefined;
    const lines = raw.split("\n");
    return (line) => present.some((run) => lines[line]?.includes(run) === true);
  }
}

function textsOf(task: Task): string[] | undefined {
  if (task.kind === "literal") return [task.needle];
  return task.kind === "ranked" ? task.words.map(({ text }) => text) : undefined;
}

function longestRun(folded: string): string {
  const runs = folded.match(ASCII_RUN) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
}
