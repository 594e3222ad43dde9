import type { Transcript } from "../archive/find.ts";
import { DAY_MS, expiryOf, type Cleanup } from "../archive/expiry.ts";

/** When a transcript's client may delete it, counted from now. */
export const TERMS = ["today", "this_week", "this_month", "later", "never"] as const;
export type Term = (typeof TERMS)[number];

/** So many files with so many bytes on the disk. */
export interface Heap {
  files: number;
  bytes: number;
}

/** What a rescue finds, in numbers. Goes out as JSON, so its names are a promise. */
export interface Census {
  /** All transcripts, by client. */
  found: Record<Transcript["client"], Heap>;
  /** Those that the server is not known to hold as they are. */
  to_send: Heap;
  /** The same, by the time that is left. */
  expiring: Record<Term, Heap>;
  /** When the first of them may go, in ISO 8601; absent when none ever goes. */
  first_expires?: string;
  /** When the oldest transcript was written last; absent when there is none. */
  oldest?: string;
}

const UNTIL: readonly (readonly [Term, number])[] = [
  ["today", DAY_MS],
  ["this_week", 7 * DAY_MS],
  ["this_month", 31 * DAY_MS],
];

/** Counts transcripts: all there are, and those that are still to be sent. Pure. */
export function censusOf(
  all: readonly Transcript[],
  pending: readonly Transcript[],
  { cleanup, nowMs }: { cleanup: Cleanup; nowMs: number },
): Census {
  const census: Census = {
    found: { "claude-code": none(), codex: none() },
    to_send: none(),
    expiring: { today: none(), this_week: none(), this_month: none(), later: none(), never: none() },
  };
  for (const transcript of all) count(census.found[transcript.client], transcript);
  for (const transcript of pending) {
    count(census.to_send, transcript);
    count(census.expiring[termOf(expiryOf(transcript, cleanup) - nowMs)], transcript);
  }
  const first = least(pending.map((transcript) => expiryOf(transcript, cleanup)));
  const oldest = least(all.map(({ mtimeMs }) => mtimeMs));
  return {
    ...census,
    ...(Number.isFinite(first) && { first_expires: new Date(first).toISOString() }),
    ...(Number.isFinite(oldest) && { oldest: new Date(oldest).toISOString() }),
  };
}

/** Those that go first come first; what never goes comes last, the oldest of it first. Pure. */
export function byExpiry(transcripts: readonly Transcript[], cleanup: Cleanup): Transcript[] {
  return transcripts.toSorted((one, other) => {
    const [first, second] = [expiryOf(one, cleanup), expiryOf(other, cleanup)];
    return first === second ? one.mtimeMs - other.mtimeMs : first < second ? -1 : 1;
  });
}

function termOf(leftMs: number): Term {
  if (leftMs === Infinity) return "never";
  return UNTIL.find(([, withinMs]) => leftMs <= withinMs)?.[0] ?? "later";
}

/** There may be more of them than a call takes arguments. */
function least(times: readonly number[]): number {
  return times.reduce((least, time) => Math.min(least, time), Infinity);
}

function none(): Heap {
  return { files: 0, bytes: 0 };
}

function count(heap: Heap, { sizeBytes }: Transcript): void {
  heap.files += 1;
  heap.bytes += sizeBytes;
}
