import type { KnowledgeCoverage } from "../../index/coverage/held-knowledge.ts";
import type { IndexKind } from "../../index/database/places.ts";
import type { SessionCoverage } from "../../index/coverage/held-sessions.ts";

/**
 * Says which documents the index can speak for; `SearchIndex` does. It is asked before the index is: so nothing falls
 * between what changes meanwhile.
 */
export interface IndexHolder {
  knowledge(workspaceIds: readonly string[]): KnowledgeCoverage;
  sessions(workspaceIds: readonly string[]): Promise<SessionCoverage>;
  /** The index turned out to be damaged. */
  damaged(kind: IndexKind): void;
}
