import type { Budget } from "./budget.ts";
import { END, type FoundLine, type Part } from "./job.ts";
import type { Filter, Pattern, Position } from "./query.ts";
import { matchingRows } from "./ripgrep.ts";
import { RowMap } from "./row-map.ts";
import { jobsOf, type Coverage, type Target } from "./target.ts";
import { inOrder, type WorkerPool } from "./worker-pool.ts";

/** Text gathered for one run of ripgrep: little at first, so that the newest answer soon, then more. */
const FIRST_BATCH_BYTES = 1024 * 1024;
const BATCH_BYTES = 8 * 1024 * 1024;

/** Finds lines in documents, in the order of the targets, until they are enough. */
export interface LineSearch<T extends Target> {
  pool: WorkerPool;
  targets: readonly T[];
  pattern: Extract<Pattern, { mode: "literal" | "regex" }>;
  filter: Filter;
  /** Where the page before ended: nothing up to here is given. */
  from: Position | undefined;
  /** How many lines are taken at most, one more than a page holds. */
  want: number;
  budget: Budget;
  /** Takes a line; false when it and what follows is for the next page. */
  take(target: T, line: FoundLine, title: string | undefined): boolean;
}

export interface LineCoverage extends Coverage {
  full: boolean;
  /** How far it came, if it came anywhere. */
  reached: Position | undefined;
}

/** Runs the search. What it could not do in time is in the answer, together with where to go on. */
export async function searchLines<T extends Target>(search: LineSearch<T>): Promise<LineCoverage> {
  const progress = new Progress(search);
  const parts = partsOf(search);
  await (search.pattern.mode === "literal" ? takeLines(parts, progress) : takeRows(parts, progress, search.pattern.source));
  return progress.coverage();
}

async function* partsOf<T extends Target>(search: LineSearch<T>): AsyncGenerator<{ index: number; part: Part }> {
  const { pattern, targets, filter, want, budget, pool } = search;
  const task = pattern.mode === "literal" ? { kind: "literal" as const, needle: pattern.needle, want } : { kind: "text" as const };
  const jobs = jobsOf(targets, task, filter);
  const first = new Map(jobs.map(({ job, first }) => [job, first]));
  const all = jobs.map(({ job }) => job);
  for await (const { job, part } of inOrder(pool, all, budget.signal))
    yield { index: (first.get(job) ?? 0) + part.source, part };
}

/** What was taken and how far the search came. */
class Progress<T extends Target> {
  readonly search: LineSearch<T>;
  full = false;
  #reached: Position | undefined;
  #searched = 0;
  #unreadable = 0;
  #last: { index: number; line: number } | undefined;
  readonly #titles = new Map<number, string>();

  constructor(search: LineSearch<T>) {
    this.search = search;
  }

  /** Notes whatever is neither found nor text. */
  note(index: number, part: Part): void {
    if (part.type === "title") this.#titles.set(index, part.title);
    if (part.type === "unreadable") {
      this.#unreadable += 1;
      this.#reach(index, END);
    }
    if (part.type === "reached") this.#reach(index, part.line);
  }

  take(index: number, line: FoundLine): void {
    const { targets, from, take } = this.search;
    const target = targets[index];
    if (target === undefined || this.full) return;
    // The turns of a line may match one by one; the line is one hit.
    if (this.#last?.index === index && this.#last.line === line.line) return;
    this.#last = { index, line: line.line };
    if (from !== undefined && from.key === target.key && from.timeMs === target.timeMs && line.line <= from.line) return;
    this.full = !take(target, line, this.#titles.get(index));
  }

  coverage(): LineCoverage {
    const missed = this.full ? 0 : this.search.targets.length - this.#searched;
    return { full: this.full, reached: this.#reached, missed, unreadable: this.#unreadable };
  }

  #reach(index: number, line: number): void {
    const target = this.search.targets[index];
    if (target === undefined) return;
    if (line === END) this.#searched += 1;
    this.#reached = { timeMs: target.timeMs, key: target.key, line };
  }
}

type IndexedParts = AsyncIterable<{ index: number; part: Part }>;

async function takeLines<T extends Target>(parts: IndexedParts, progress: Progress<T>): Promise<void> {
  for await (const { index, part } of parts) {
    if (part.type === "lines") for (const line of part.lines) progress.take(index, line);
    else progress.note(index, part);
    if (progress.full) return;
  }
}

async function takeRows<T extends Target>(parts: IndexedParts, progress: Progress<T>, source: string): Promise<void> {
  let batch: { index: number; part: Part }[] = [];
  let bytes = 0;
  let roomBytes = FIRST_BATCH_BYTES;
  for await (const entry of parts) {
    batch.push(entry);
    if (entry.part.type === "text") bytes += entry.part.text.byteLength;
    if (bytes < roomBytes) continue;
    await takeBatch(batch, progress, source);
    if (progress.full || progress.search.budget.over) return;
    batch = [];
    bytes = 0;
    roomBytes = BATCH_BYTES;
  }
  await takeBatch(batch, progress, source);
}

/** Runs ripgrep over the text of the parts; their progress counts only when it came to the end. */
async function takeBatch<T extends Target>(
  batch: readonly { index: number; part: Part }[],
  progress: Progress<T>,
  source: string,
): Promise<void> {
  const { signal } = progress.search.budget;
  const texts = batch.flatMap(({ index, part }) => (part.type === "text" ? [{ ...part, index }] : []));
  for (const { index, part } of batch) if (part.type === "title") progress.note(index, part);
  const rows = new RowMap(texts);
  if (texts.length > 0) {
    const grep = { kind: "regex" as const, patterns: [source] };
    const pieces = texts.map(({ text }) => text);
    for await (const { row, byte } of matchingRows(grep, pieces, signal)) {
      const found = rows.find(row, byte);
      if (found !== undefined) progress.take(found.index, found.line);
      if (progress.full) return;
    }
  }
  if (signal.aborted && texts.length > 0) return;
  for (const { index, part } of batch) if (part.type !== "title") progress.note(index, part);
}
