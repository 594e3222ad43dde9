import { LIMITS } from "../../../contract/limits.ts";
import { END, type Job, type Part, type Source, type Task } from "../scan/job.ts";
import { comparePlaces } from "../../index/order.ts";
import type { Position } from "./position.ts";
import type { Filter } from "../query/filter.ts";
import { inOrder, type WorkerPool } from "../pool/worker-pool.ts";

/** A document to search, with its place in the order of answers. */
export interface Target {
  source: Source;
  timeMs: number;
  /** Orders documents of the same time. */
  key: string;
  sizeBytes: number;
  /** The index named it. */
  isIndexed?: boolean;
  /** What it holds, where it was read when the index named it. */
  said?: readonly Part[] | undefined;
}

/** Targets newest first, from the position on: of the one in which it lies only the lines after it. */
export function targetsFrom<T extends Target>(targets: readonly T[], position: Position | undefined): T[] {
  const ordered = targets.toSorted(comparePlaces);
  if (position === undefined) return ordered;
  return ordered.flatMap((target) => {
    const order = comparePlaces(target, position);
    if (order !== 0) return order < 0 ? [] : [target];
    if (position.line === END) return [];
    return [{ ...target, source: { ...target.source, fromLine: position.line + 1 }, said: undefined }];
  });
}

interface Reading {
  task: Task;
  filter: Filter;
  pool: WorkerPool;
  signal: AbortSignal;
}

/** What was said about a target. */
export interface Said<T extends Target> {
  target: T;
  part: Part;
}

/** What workers say about targets, in the order of the targets, some at a time. Ends early when the signal aborts. */
export async function* partsOf<T extends Target>(
  targets: readonly T[],
  reading: Reading,
): AsyncGenerator<Said<T>[]> {
  let unread: T[] = [];
  for (const target of targets) {
    if (target.said === undefined) {
      unread.push(target);
      continue;
    }
    yield* readParts(unread, reading);
    unread = [];
    yield target.said.map((part) => ({ target, part }));
  }
  yield* readParts(unread, reading);
}

async function* readParts<T extends Target>(
  targets: readonly T[],
  { task, filter, pool, signal }: Reading,
): AsyncGenerator<Said<T>[]> {
  const groups = groupsOf(targets, task);
  const groupOf = new Map<Job, readonly T[]>();
  const jobs = groups.map((group) => {
    const job = { task, filter, sources: group.map(({ source }) => source) };
    groupOf.set(job, group);
    return job;
  });
  for await (const { job, parts } of inOrder(pool, jobs, signal)) {
    const said: Said<T>[] = [];
    for (const part of parts) {
      const target = groupOf.get(job)?.[part.sourceNumber];
      if (target !== undefined) said.push({ target, part });
    }
    yield said;
  }
}

/**
 * Groups of a good size: not one message for every small document, not one worker for everything. Of the newest that the
 * index named the first few are mostly enough: those groups are small, for whoever reads far ahead reads in vain.
 */
function groupsOf<T extends Target>(targets: readonly T[], task: Task): T[][] {
  const { jobBytes, jobDocuments } = LIMITS.search;
  const groups: T[][] = [];
  let [bytes, documents] = [Infinity, 0];
  for (const target of targets) {
    const weight = weightOf(target, task);
    const group = groups.at(-1);
    if (group === undefined || bytes >= jobBytes || documents >= jobDocuments) {
      groups.push([target]);
      [bytes, documents] = [0, 0];
    } else group.push(target);
    bytes += target.sizeBytes * weight;
    documents += weight;
  }
  return groups;
}

/** How much a document counts for the size of its group: the more, the smaller the group. */
const GROUP_WEIGHT = { read: 1, indexed: 2, indexedLiteral: 4 };

function weightOf({ isIndexed }: Target, { kind }: Task): number {
  if (isIndexed !== true || kind === "ranked") return GROUP_WEIGHT.read;
  return kind === "literal" ? GROUP_WEIGHT.indexedLiteral : GROUP_WEIGHT.indexed;
}

/** Counts what a search came to and what it did not. */
export class SearchTotals<T extends Target> {
  readonly unreadable: T[] = [];
  /** Documents that were looked through although the index had not named them. */
  scanned = 0;
  #open = 0;

  /** Targets the time did not suffice for. */
  get missed(): number {
    return this.#open;
  }

  expect(targets: number): void {
    this.#open += targets;
  }

  note(target: T, part: Part): void {
    if (!isEnd(part)) return;
    this.#open -= 1;
    if (part.type === "unreadable") this.unreadable.push(target);
    else if (target.isIndexed !== true) this.scanned += 1;
  }
}

/** Whether this is the last part of a document: nothing more is to be searched in it. */
export function isEnd(part: Part): boolean {
  return part.type === "unreadable" || (part.type === "reached" && part.line === END);
}
