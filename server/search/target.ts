import type { Job, Source, Task } from "./job.ts";
import { comparePlaces, encodePosition, type Filter, type Position } from "./query.ts";

/** A document to search, with its place in the order of answers. */
export interface Target {
  source: Source;
  timeMs: number;
  /** Orders documents of the same time. */
  key: string;
  sizeBytes: number;
}

/** How a search through targets went, besides what it found. */
export interface Coverage {
  /** Targets that the time did not suffice for. */
  missed: number;
  unreadable: number;
}

const JOB_BYTES = 2 * 1024 * 1024;
const JOB_SOURCES = 64;

/** Jobs of a good size over targets, in their order: not one message per small document, not one worker for everything. */
export function jobsOf(targets: readonly Target[], task: Task, filter: Filter): { job: Job; first: number }[] {
  const jobs: { job: Job; first: number }[] = [];
  let sources: Source[] = [];
  let bytes = 0;
  for (const [index, target] of targets.entries()) {
    sources.push(target.source);
    bytes += target.sizeBytes;
    if (bytes < JOB_BYTES && sources.length < JOB_SOURCES && index < targets.length - 1) continue;
    jobs.push({ job: { task, filter, sources }, first: index - sources.length + 1 });
    sources = [];
    bytes = 0;
  }
  return jobs;
}

/** Targets newest first, from the position on; the one in which the position lies begins after its line. */
export function targetsFrom<T extends Target>(targets: readonly T[], position: Position | undefined): T[] {
  const ordered = targets.toSorted(comparePlaces);
  return position === undefined ? ordered : ordered.filter((target) => comparePlaces(target, position) >= 0);
}

/** The cursor of the page after one of lines: after the last hit when it is full, else as far as the time sufficed. */
export function nextPosition(
  kind: string,
  { full, missed, reached }: { full: boolean; missed: number; reached: Position | undefined },
  last: Position | undefined,
): string | undefined {
  if (full) return last && encodePosition(kind, last);
  if (missed === 0) return undefined;
  const furthest = [reached, last]
    .filter((position) => position !== undefined)
    .toSorted((a, b) => comparePlaces(b, a) || b.line - a.line)[0];
  return furthest && encodePosition(kind, furthest);
}
