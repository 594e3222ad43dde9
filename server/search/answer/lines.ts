import { LIMITS } from "../../../contract/limits.ts";
import type { FoundLine, Part, Task } from "../scan/job.ts";
import { rawPatternOf } from "../../index/literals/literals.ts";
import type { Literal } from "../words/literal.ts";
import { comparePlaces } from "../../index/order.ts";
import type { Position } from "../supply/position.ts";
import type { Pattern } from "../query/query.ts";
import type { Filter } from "../query/filter.ts";
import { assertRegex, matchingRows } from "../ripgrep/ripgrep.ts";
import { RowMap } from "./row-map.ts";
import { SearchTotals, isEnd, partsOf, type Said, type Target } from "../supply/target.ts";
import type { WorkerPool } from "../pool/worker-pool.ts";

/** A search for lines, in the order of the documents, until they are enough. */
export interface LineSearch<T extends Target> {
  pool: WorkerPool;
  /** Documents in their order, some at a time; no more are taken than are needed. */
  batches: AsyncIterable<readonly T[]>;
  pattern: Exclude<Pattern, { mode: "ranked" }>;
  filter: Filter;
  /** How many lines a page holds at most. */
  limit: number;
  signal: AbortSignal;
  /** Takes a line; false when it and what follows is for the next page. */
  take: (target: T, line: FoundLine, title: string | undefined) => boolean;
}

/** What came of a search for lines, besides the lines. */
export interface LineOutcome<T extends Target> {
  totals: SearchTotals<T>;
  /** How far it came: the next page goes on behind this. Undefined when the time did not suffice for anything. */
  reached: Position | undefined;
  /** True when the page was full before everything was searched. */
  isFull: boolean;
}

/** Runs the search, as far as the time suffices. */
export async function searchLines<T extends Target>(search: LineSearch<T>): Promise<LineOutcome<T>> {
  const progress = new Progress(search);
  for await (const targets of search.batches) {
    progress.expect(targets);
    if (search.pattern.mode === "literal") await searchLiteral(search, targets, search.pattern, progress);
    else await searchRegex(search, targets, search.pattern.expression, progress);
    if (progress.isFull || progress.missed > 0) break;
  }
  if (search.pattern.mode === "regex" && !progress.isProven)
    await assertRegex(search.pattern.expression, search.signal);
  return progress.outcome();
}

async function searchLiteral<T extends Target>(
  search: LineSearch<T>,
  targets: readonly T[],
  { needles, exact }: Literal,
  progress: Progress<T>,
): Promise<void> {
  const task: Task = { kind: "literal", needles, exact, want: search.limit + 1 };
  for await (const said of upToFirstUnfinished(search, targets, task))
    for (const { target, part } of said) {
      if (part.type === "lines") for (const line of part.lines) progress.take(target, line);
      else progress.note(target, part);
      if (progress.isFull) return;
    }
}

/**
 * What workers say, up to the first target that one of them did not come to the end of: what follows it may have been
 * searched in time, but a page cannot go on before it.
 */
async function* upToFirstUnfinished<T extends Target>(
  search: LineSearch<T>,
  targets: readonly T[],
  task: Task,
): AsyncGenerator<Said<T>[]> {
  let ended = 0;
  const isNext = ({ target, part }: Said<T>): boolean => {
    if (target !== targets[ended]) return false;
    if (isEnd(part)) ended += 1;
    return true;
  };
  for await (const said of partsOf(targets, { ...search, task })) {
    const gap = said.findIndex((each) => !isNext(each));
    yield gap === -1 ? said : said.slice(0, gap);
    if (gap !== -1) return;
  }
}

/** Workers give the text and ripgrep matches it: only that takes linear time for any expression, and can be ended. */
async function searchRegex<T extends Target>(
  search: LineSearch<T>,
  targets: readonly T[],
  expression: string,
  progress: Progress<T>,
): Promise<void> {
  let batch: Said<T>[] = [];
  let bytes = 0;
  let roomBytes: number = LIMITS.search.firstBatchBytes;
  const task: Task = { kind: "text", hint: rawPatternOf(expression) };
  for await (const said of upToFirstUnfinished(search, targets, task)) {
    batch.push(...said);
    bytes += textBytes(said);
    if (bytes < roomBytes) continue;
    await searchBatch(batch, expression, search.signal, progress);
    if (progress.isFull || search.signal.aborted) return;
    batch = [];
    bytes = 0;
    roomBytes = LIMITS.search.batchBytes;
  }
  await searchBatch(batch, expression, search.signal, progress);
}

function textBytes<T extends Target>(said: readonly Said<T>[]): number {
  return said.reduce((sum, { part }) => sum + (part.type === "text" ? part.text.byteLength : 0), 0);
}

/** One run of ripgrep. How far the batch came counts only once ripgrep came to the end of it. */
async function searchBatch<T extends Target>(
  batch: readonly Said<T>[],
  expression: string,
  signal: AbortSignal,
  progress: Progress<T>,
): Promise<void> {
  const texts = batch.flatMap(({ target, part }) => (part.type === "text" ? [{ target, ...part }] : []));
  for (const { target, part } of batch) if (part.type === "title") progress.note(target, part);
  if (texts.length > 0) {
    progress.isProven = true;
    const rows = new RowMap(texts);
    const pieces = texts.map(({ text }) => text);
    for await (const { row, byte } of matchingRows(
      { kind: "regex", patterns: [expression] },
      pieces,
      signal,
    )) {
      const found = rows.find(row, byte);
      if (found !== undefined) progress.take(found.target, found.line);
      if (progress.isFull) return;
    }
    if (signal.aborted) return;
  }
  for (const { target, part } of batch) if (part.type !== "title") progress.note(target, part);
}

/** What was taken and how far the search came. */
class Progress<T extends Target> {
  isFull = false;
  /** Ripgrep has seen the expression, and would have refused a bad one. */
  isProven = false;
  readonly #search: LineSearch<T>;
  readonly #totals = new SearchTotals<T>();
  readonly #titles = new Map<T, string>();
  #reached: Position | undefined;
  #last: Position | undefined;

  constructor(search: LineSearch<T>) {
    this.#search = search;
  }

  /** Targets that are to be searched now. */
  expect(targets: readonly T[]): void {
    this.#totals.expect(targets.length);
  }

  /** Targets of which not everything was searched. */
  get missed(): number {
    return this.#totals.missed;
  }

  /** Notes whatever is neither lines nor text. */
  note(target: T, part: Part): void {
    this.#totals.note(target, part);
    if (part.type === "title") this.#titles.set(target, part.title);
    if (part.type === "reached") this.#reached = { timeMs: target.timeMs, key: target.key, line: part.line };
  }

  /** Takes a line, unless it was taken before for another of its turns. */
  take(target: T, line: FoundLine): void {
    if (this.isFull) return;
    const position = { timeMs: target.timeMs, key: target.key, line: line.line };
    if (this.#last !== undefined && comparePositions(position, this.#last) <= 0) return;
    if (this.#search.take(target, line, this.#titles.get(target))) this.#last = position;
    else this.isFull = true;
  }

  outcome(): LineOutcome<T> {
    const totals = this.#totals;
    if (this.isFull) return { totals, reached: this.#last, isFull: true };
    const [furthest] = [this.#reached, this.#last]
      .filter((position) => position !== undefined)
      .sort((a, b) => comparePositions(b, a));
    return { totals, reached: furthest, isFull: false };
  }
}

function comparePositions(a: Position, b: Position): number {
  return comparePlaces(a, b) || a.line - b.line;
}
