import type { KnowledgeStore } from "../knowledge/store.ts";
import type { WorkMetrics } from "../observe/work-metrics.ts";
import type { Search } from "../search/search.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { KeyedMutex } from "../storage/mutex.ts";
import type { Semaphore } from "../storage/semaphore.ts";
import type { WorkspaceRegistry } from "../workspaces/registry.ts";
import type { Bindings } from "./binding.ts";

/** The domain behind the gate. */
export interface Domain {
  registry: WorkspaceRegistry;
  knowledge: KnowledgeStore;
  sessions: SessionStore;
  search: Search;
  bindings: Bindings;
  /** Who may upload a session now, through whichever door. */
  uploads: Semaphore;
  /** Is told of every upload that is over. */
  metrics: Pick<WorkMetrics, "uploaded">;
  /** Serialises, per workspace, who is given its write token. */
  registrations: KeyedMutex;
  /** The owner's global pages, as text. */
  globalPages(): Promise<{ readme: string; index: string }>;
}
