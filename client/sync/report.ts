import type { Sent } from "./send.ts";
import type { Stop } from "./failure.ts";

export interface Problem {
  /** The file it is about. */
  path: string;
  message: string;
  hint?: string;
}

/** What a sync did. Goes out as JSON, so its names are a promise. */
export interface SyncReport {
  /** How many files ended in each way. */
  knowledge: Record<Sent["status"] | "failed", number>;
  sessions: Record<Sent["status"] | "failed", number>;
  /** Jobs still in the outbox. */
  waiting: number;
  set_aside: number;
  bytes_sent: number;
  problems: Problem[];
  notes: string[];
  /** Why not everything was tried. */
  stopped?: Stop | { why: "busy"; message: string };
}

export function emptyReport(): SyncReport {
  const counts = () => ({ created: 0, updated: 0, appended: 0, revision: 0, unchanged: 0, failed: 0 });
  return {
    knowledge: counts(),
    sessions: counts(),
    waiting: 0,
    set_aside: 0,
    bytes_sent: 0,
    problems: [],
    notes: [],
  };
}
