import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import type { IndexStatus } from "../../contract/wire.ts";
import type { Family, Sample } from "./exposition.ts";
import { gauge, gauges } from "./instruments.ts";

/** What is asked when somebody looks. None of it may open a workspace's folder. */
interface Sources {
  index: () => Promise<IndexStatus>;
  /** Of the disk that holds MEMORY_ROOT, for this account. */
  freeBytes: () => Promise<number>;
  isWriteStopped: () => boolean;
  uploadsWaiting: () => number;
  searchesWaiting: () => number;
}

/** How it stands with what is stored. What cannot be had in time is left out: an answer must not wait for a disk that hangs. */
export class StoreGauges {
  readonly #sources: Sources;
  #index: { status: Promise<IndexStatus | undefined>; askedMs: number } | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async families(): Promise<Family[]> {
    const { freeBytes, isWriteStopped, uploadsWaiting, searchesWaiting } = this.#sources;
    const [index, free] = await Promise.all([this.#indexStatus(), inTime(freeBytes())]);
    return [
      ...indexFamilies(index),
      gauge("federated_memory_disk_free_bytes", "Room on the disk of the data folder.", free),
      gauge(
        "federated_memory_write_stopped",
        "1 after the disk did not confirm a write: nothing is written until a restart.",
        isWriteStopped() ? 1 : 0,
      ),
      gauge(
        "federated_memory_uploads_waiting",
        "Sessions whose upload waits for its turn.",
        uploadsWaiting(),
      ),
      gauge("federated_memory_searches_waiting", "Searches that wait for their turn.", searchesWaiting()),
    ];
  }

  /** Not asked again for a while: it counts rows. */
  #indexStatus(): Promise<IndexStatus | undefined> {
    const now = performance.now();
    if (this.#index === undefined || now - this.#index.askedMs > LIMITS.metrics.indexFreshMs)
      this.#index = { status: inTime(this.#sources.index()), askedMs: now };
    return this.#index.status;
  }
}

function indexFamilies(status: IndexStatus | undefined): Family[] {
  return [
    gauges(
      "federated_memory_index_documents",
      "Documents by what the search index made of them; failed ones are read by each search.",
      status === undefined ? [] : documentSamples(status),
    ),
    gauge(
      "federated_memory_index_oldest_pending_seconds",
      "For how long the document that has waited longest waits to be indexed; 0 when none does.",
      status && (status.oldest_pending_seconds ?? 0),
    ),
    gauge(
      "federated_memory_index_stopped",
      "1 while something keeps the search index from being written; searches go on by reading.",
      status && (status.problem === undefined ? 0 : 1),
    ),
    gauges(
      "federated_memory_index_bytes",
      "Size of the search index on disk.",
      status === undefined ? [] : byKind(status.bytes).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
  ];
}

function documentSamples(status: IndexStatus): Sample[] {
  return byKind(status).flatMap(([kind, { indexed, pending, failed }]) =>
    Object.entries({ indexed, pending, failed }).map(([state, value]) => ({
      labels: { kind, state },
      value,
    })),
  );
}

/** By the kinds of documents, as labels name them. */
function byKind<T>({ knowledge, sessions }: { knowledge: T; sessions: T }): (readonly [string, T])[] {
  return [
    ["knowledge", knowledge],
    ["session", sessions],
  ];
}

/** Undefined when it takes too long or cannot be had. */
function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  const late = sleep(LIMITS.metrics.waitMs, undefined, { ref: false });
  return Promise.race([asked, late]).catch(() => undefined);
}
