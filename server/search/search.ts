import type { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";

/** A workspace a search may look into; the gate has already decided. */
export interface Searchable {
  id: string;
  machine: string;
  tool: string;
  project: string;
}

/**
 * The seam behind which searching happens. What arguments and text of the query
 * say of machine, tool, project and workspace is already applied to `workspaces`; everything else is not.
 * A search takes at most `LIMITS.search.timeMs`; what was not reached makes the answer partial.
 * Throws `invalid_input` for a bad query, pattern, date or cursor. Text it gives is masked.
 */
export interface Search {
  knowledge(
    query: KnowledgeQuery,
    workspaces: readonly Searchable[],
    signal?: AbortSignal,
  ): Promise<KnowledgeAnswer>;
  sessions(
    query: SessionQuery,
    workspaces: readonly Searchable[],
    signal?: AbortSignal,
  ): Promise<SessionAnswer>;
  close(): Promise<void>;
}
