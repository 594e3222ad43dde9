import { knowledgeAnchor, overviewAnchor, sessionAnchor } from "../../contract/anchor.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { IndexStatus } from "../../contract/wire.ts";
import type { WriterReport } from "./messages.ts";
import { NO_REPORT, type Failure, type Report } from "./database/report.ts";

interface StatusParts {
  state: IndexStatus["state"];
  problem?: string | undefined;
  knowledge: Report;
  sessions: Report;
  /** What waits to be indexed. */
  pending: { knowledge: number; sessions: number };
  /** Of that, for how long what has waited longest waits. */
  oldestPendingMs?: number | undefined;
  watching: IndexStatus["watching"];
}

/** The status while a server runs; without a report of the writing thread there is none. */
export function liveStatus(
  report: WriterReport | undefined,
  sessions: { isBusy: boolean; pending: number; oldestPendingMs: number | undefined },
): IndexStatus {
  const problem =
    report === undefined ? "the thread that writes it died, and is started again" : report.problem;
  const isBusy = problem !== undefined || report?.isBusy === true || sessions.isBusy;
  const none = { ...NO_REPORT, bytes: 0 };
  return statusOf({
    state: isBusy ? "building" : "ready",
    problem,
    knowledge: report?.knowledge ?? none,
    sessions: report?.sessions ?? none,
    pending: { knowledge: report?.pending ?? 0, sessions: sessions.pending },
    oldestPendingMs: longest(report?.oldestPendingMs, sessions.oldestPendingMs),
    watching: report?.watching ?? { folders: 0, complete: false },
  });
}

/** The index as its owner sees it. */
export function statusOf({
  state,
  problem,
  knowledge,
  sessions,
  pending,
  oldestPendingMs,
  watching,
}: StatusParts): IndexStatus {
  const failures = [...knowledge.failures, ...sessions.failures].slice(0, LIMITS.index.failures);
  return {
    state,
    ...(problem !== undefined && { problem }),
    knowledge: { indexed: knowledge.indexed, pending: pending.knowledge, failed: knowledge.failed },
    sessions: { indexed: sessions.indexed, pending: pending.sessions, failed: sessions.failed },
    ...(oldestPendingMs !== undefined && { oldest_pending_seconds: Math.round(oldestPendingMs) / 1000 }),
    failures: failures.map((failure) => ({ anchor: anchorOf(failure), reason: failure.reason })),
    bytes: { knowledge: knowledge.bytes, sessions: sessions.bytes },
    watching,
  };
}

function longest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function anchorOf({ kind, workspaceId, name }: Failure): string {
  if (kind === "sessions") return sessionAnchor(workspaceId, name);
  return name === "" ? overviewAnchor(workspaceId) : knowledgeAnchor(workspaceId, name);
}
