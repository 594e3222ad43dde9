import { LIMITS } from "../../contract/limits.ts";
import type { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";
import { failureOf } from "../observe/failure.ts";
import type { EndedSearch, WorkMetrics } from "../observe/work-metrics.ts";
import type { Archive } from "../sessions/session.ts";
import type { ArchiveDamage } from "./supply/archive-damage.ts";
import { Semaphore } from "../storage/semaphore.ts";
import { Budget } from "./course/budget.ts";
import type { Course } from "./course/course.ts";
import type { IndexHolder } from "./supply/index-holder.ts";
import { KnowledgeSearch } from "./knowledge.ts";
import type { Search, Searchable } from "./search.ts";
import { SessionSearch } from "./sessions.ts";
import { Trace } from "./course/trace.ts";
import { WorkerPool } from "./pool/worker-pool.ts";

interface EngineParts {
  root: string;
  archives: (workspaceId: string) => Promise<readonly Archive[]>;
  /** Without it a search knows of no damage but what it comes upon. */
  damage?: ArchiveDamage;
  /** Says where to look. Without it everything is read. */
  index?: IndexHolder;
  /** Is told of every search that is over. */
  metrics?: Pick<WorkMetrics, "searched">;
  /** Time one search may take; default `LIMITS.search.timeMs`. */
  timeMs?: number;
}

/**
 * Searches where the index says, and everywhere it cannot speak for by reading: so it always sees what is on disk, with
 * an index or without one. It says so when the time did not suffice.
 */
export class SearchEngine implements Search {
  readonly #timeMs: number;
  readonly #metrics: Pick<WorkMetrics, "searched"> | undefined;
  readonly #pool: WorkerPool;
  readonly #knowledge: KnowledgeSearch;
  readonly #sessions: SessionSearch;
  readonly #admission = new Semaphore({
    slots: LIMITS.concurrency.searches,
    queue: LIMITS.concurrency.searchQueue,
    waitMs: LIMITS.concurrency.queueWaitMs,
    what: "searches",
  });

  constructor({ root, archives, damage, index, metrics, timeMs = LIMITS.search.timeMs }: EngineParts) {
    this.#timeMs = timeMs;
    this.#metrics = metrics;
    this.#pool = new WorkerPool(root);
    this.#knowledge = new KnowledgeSearch({ root, pool: this.#pool, index });
    this.#sessions = new SessionSearch({ pool: this.#pool, archives, damage, index });
  }

  /** How many searches wait for their turn. */
  get waiting(): number {
    return this.#admission.waiting;
  }

  /** Makes ready for the first search, which else takes longer than others. */
  warmUp(): void {
    this.#pool.warmUp();
  }

  knowledge(
    query: KnowledgeQuery,
    workspaces: readonly Searchable[],
    signal?: AbortSignal,
  ): Promise<KnowledgeAnswer> {
    const what = { kind: "knowledge", mode: query.mode } as const;
    return this.#admitted(what, (course) => this.#knowledge.search(query, workspaces, course), signal);
  }

  sessions(
    query: SessionQuery,
    workspaces: readonly Searchable[],
    signal?: AbortSignal,
  ): Promise<SessionAnswer> {
    const what = { kind: "session", mode: query.mode } as const;
    return this.#admitted(what, (course) => this.#sessions.search(query, workspaces, course), signal);
  }

  async close(): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  async #admitted<T extends { partial: boolean }>(
    what: Pick<EndedSearch, "kind" | "mode">,
    search: (course: Course) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const trace = new Trace();
    let isAdmitted = false;
    let outcome: EndedSearch["outcome"] = "failed";
    try {
      using _slot = await this.#admission.acquire(signal);
      isAdmitted = true;
      using budget = new Budget(this.#timeMs, signal);
      const answer = await search({ budget, trace });
      budget.throwIfLeft();
      outcome = answer.partial ? "partial" : "complete";
      return answer;
    } catch (error) {
      outcome = failureOf(error, { signal, isAdmitted });
      throw error;
    } finally {
      this.#metrics?.searched({ ...what, outcome, ...trace.times });
    }
  }
}
