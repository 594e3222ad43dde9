import { SEARCH_KINDS, SEARCH_MODES, type SearchKind } from "../../contract/search.ts";
import type { KnowledgeWritten, SessionWritten } from "../../contract/wire.ts";
import type { Family } from "./exposition.ts";
import { FAILURES, type Failure } from "./failure.ts";
import { Counter, Histogram } from "./instruments.ts";

type SearchMode = (typeof SEARCH_MODES)[number];
type SearchOutcome = (typeof SEARCH_OUTCOMES)[number];
type UploadStatus = KnowledgeWritten["status"] | SessionWritten["status"] | Failure;

/** A search that is over, through whichever door it came. */
export interface EndedSearch {
  kind: SearchKind;
  mode: SearchMode;
  outcome: SearchOutcome;
  /** With the time it waited for its turn. */
  seconds: number;
  /** Its steps; some go on at the same time as others, and one may come several times. */
  legs: readonly { name: string; seconds: number }[];
}

/** An upload that is over, through whichever door it came. */
export interface EndedUpload {
  kind: SearchKind;
  status: UploadStatus;
  /** Of its body, as they came. */
  bytes: number;
}

const SEARCH_OUTCOMES = ["complete", "partial", ...FAILURES] as const;
const STATUSES = {
  knowledge: ["created", "updated", "unchanged", ...FAILURES],
  session: ["created", "appended", "unchanged", "revision", ...FAILURES],
} as const satisfies Record<SearchKind, readonly UploadStatus[]>;

/** What the server counts of its work: uploads, searches and flushes. */
export class WorkMetrics {
  readonly #uploads = new Counter<{ kind: SearchKind; status: UploadStatus }>({
    name: "federated_memory_uploads_total",
    help: "Uploads of knowledge files and sessions by how they ended, over HTTP and MCP.",
    labels: ["kind", "status"],
    starts: SEARCH_KINDS.flatMap((kind) => STATUSES[kind].map((status) => ({ kind, status }))),
  });
  readonly #uploadBytes = new Counter<{ kind: SearchKind }>({
    name: "federated_memory_upload_bytes_total",
    help: "Bytes of uploads as they came, mostly compressed, whatever became of them.",
    labels: ["kind"],
    starts: SEARCH_KINDS.map((kind) => ({ kind })),
  });
  readonly #searches = new Counter<{ kind: SearchKind; mode: SearchMode; outcome: SearchOutcome }>({
    name: "federated_memory_searches_total",
    help: "Searches by how they ended, over HTTP and MCP.",
    labels: ["kind", "mode", "outcome"],
    starts: SEARCH_KINDS.flatMap((kind) =>
      SEARCH_MODES.flatMap((mode) => SEARCH_OUTCOMES.map((outcome) => ({ kind, mode, outcome }))),
    ),
  });
  readonly #searchSeconds = new Histogram<{ kind: SearchKind; mode: SearchMode; leg: string }>({
    name: "federated_memory_search_seconds",
    help: "Time of answered searches: leg all is the whole, the others are its steps, which may overlap.",
    labels: ["kind", "mode", "leg"],
  });
  readonly #flushSeconds = new Histogram<Record<string, never>>({
    name: "federated_memory_fsync_seconds",
    help: "Time the disk took to confirm a write of the thread that answers; the search index is not among them.",
    labels: [],
    starts: [{}],
  });
  readonly #flushFailures = new Counter<Record<string, never>>({
    name: "federated_memory_fsync_failures_total",
    help: "Writes the disk did not confirm. After the first one the server stops writing.",
    labels: [],
    starts: [{}],
  });

  uploaded({ kind, status, bytes }: EndedUpload): void {
    this.#uploads.add({ kind, status });
    this.#uploadBytes.add({ kind }, bytes);
  }

  /** What was refused or cut short took no time that says anything about searching. */
  searched({ kind, mode, outcome, seconds, legs }: EndedSearch): void {
    this.#searches.add({ kind, mode, outcome });
    if (outcome !== "complete" && outcome !== "partial") return;
    this.#searchSeconds.observe({ kind, mode, leg: "all" }, seconds);
    for (const leg of legs) this.#searchSeconds.observe({ kind, mode, leg: leg.name }, leg.seconds);
  }

  flushed({ seconds, isConfirmed }: { seconds: number; isConfirmed: boolean }): void {
    this.#flushSeconds.observe({}, seconds);
    if (!isConfirmed) this.#flushFailures.add({});
  }

  families(): Family[] {
    return [
      this.#uploads,
      this.#uploadBytes,
      this.#searches,
      this.#searchSeconds,
      this.#flushSeconds,
      this.#flushFailures,
    ].map((instrument) => instrument.family());
  }
}
