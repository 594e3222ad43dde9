import { LIMITS } from "../../../contract/limits.ts";
import type { ArchiveOrder, FileName, SessionName } from "../messages.ts";
import { NewestFirst } from "../newest-first.ts";

/** A piece of work for the writer of the index: a document to look at, or an archive that must not be tried or is gone. */
export type Job =
  /** `sinceMs`: since when it waits, by `performance.now()`. */
  | { type: "file"; file: FileName; timeMs: number; own: number; isUrgent: boolean; sinceMs: number }
  | { type: "archive"; order: ArchiveOrder }
  | { type: "refuse"; order: ArchiveOrder; fault: string }
  | { type: "forget"; session: SessionName };

/** What waits to be indexed, each document once: what is urgent first, in order of arrival, then all else, newest first. */
export class JobQueue {
  readonly #urgent = new Map<string, Job>();
  readonly #later = new NewestFirst<Job>();
  /** Files that wait, by workspace. */
  readonly #files = new Map<string, number>();

  get size(): number {
    return this.#urgent.size + this.#later.size;
  }

  /** Files that wait. */
  get files(): number {
    return this.#files.values().reduce((sum, count) => sum + count, 0);
  }

  /** For how long the file that has waited longest waits; undefined when none does. */
  get oldestFileMs(): number | undefined {
    let sinceMs = Infinity;
    for (const jobs of [this.#urgent.values(), this.#later.values()])
      for (const job of jobs) if (job.type === "file") sinceMs = Math.min(sinceMs, job.sinceMs);
    return sinceMs === Infinity ? undefined : performance.now() - sinceMs;
  }

  filesOf(workspaceId: string): number {
    return this.#files.get(workspaceId) ?? 0;
  }

  add(job: Job): void {
    const key = keyOf(job);
    const waiting = this.#remove(key);
    const both = waiting === undefined ? job : together(waiting, job);
    if (isUrgent(both)) this.#urgent.set(key, both);
    else this.#later.set(key, both, timeOf(both));
    this.#count(both, 1);
  }

  /** Puts back what was taken; what has been wished since then goes before it. */
  giveBack(job: Job): void {
    const since = this.#remove(keyOf(job));
    this.add(job);
    if (since !== undefined) this.add(since);
  }

  take(): Job | undefined {
    return this.takeUrgent() ?? this.#counted(this.#later.take());
  }

  /** `except` are keys of documents that somebody works on. */
  takeUrgent(except: readonly string[] = []): Job | undefined {
    for (const key of this.#urgent.keys()) if (!except.includes(key)) return this.#remove(key);
    return undefined;
  }

  /** What waits its turn and does not take long. */
  takeShort(except: readonly string[] = []): Job | undefined {
    return this.#counted(this.#later.take((job) => isShort(job) && !except.includes(keyOf(job))));
  }

  #remove(key: string): Job | undefined {
    const job = this.#urgent.get(key) ?? this.#later.get(key);
    this.#urgent.delete(key);
    this.#later.delete(key);
    return this.#counted(job);
  }

  #counted(taken: Job | undefined): Job | undefined {
    if (taken !== undefined) this.#count(taken, -1);
    return taken;
  }

  #count(job: Job, change: 1 | -1): void {
    if (job.type !== "file") return;
    const { workspaceId } = job.file;
    this.#files.set(workspaceId, this.filesOf(workspaceId) + change);
  }
}

/** Names the document that a job is about. */
export function keyOf(job: Job): string {
  if (job.type === "file") return `file\0${job.file.workspaceId}\0${job.file.path}`;
  const { workspaceId, sessionId } = job.type === "forget" ? job.session : job.order.archive;
  return `session\0${workspaceId}\0${sessionId}`;
}

function isUrgent(job: Job): boolean {
  if (job.type === "file") return job.isUrgent;
  return job.type !== "forget" && job.order.isUrgent;
}

function isShort(job: Job): boolean {
  return job.type !== "archive" || job.order.archive.bytes <= LIMITS.index.shortArchiveBytes;
}

function timeOf(job: Job): number {
  if (job.type === "file") return job.timeMs;
  return job.type === "forget" ? 0 : job.order.archive.endedMs;
}

/** The later wish counts; who waits for a file waits for both. */
function together(earlier: Job, later: Job): Job {
  if (earlier.type !== "file" || later.type !== "file") return later;
  const isUrgent = earlier.isUrgent || later.isUrgent;
  const sinceMs = Math.min(earlier.sinceMs, later.sinceMs);
  return { ...later, isUrgent, sinceMs, own: Math.max(earlier.own, later.own) };
}
