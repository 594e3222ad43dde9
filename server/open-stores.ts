import { SearchIndex } from "./index/search-index.ts";
import { KnowledgeStore } from "./knowledge/store.ts";
import type { Log } from "./observe/log.ts";
import type { WorkMetrics } from "./observe/work-metrics.ts";
import { SearchEngine } from "./search/engine.ts";
import { SessionStore } from "./sessions/store.ts";
import { GlobalPages } from "./storage/global-pages.ts";
import { openMemoryRoot } from "./storage/memory-root.ts";
import { WriteGuard } from "./storage/write-guard.ts";
import { WorkspaceRegistry } from "./workspaces/registry.ts";

const SERVER_CONTENT = new URL("../server_content/", import.meta.url);

/** What a server keeps, and what finds something in it. */
export interface Stores {
  root: string;
  guard: WriteGuard;
  registry: WorkspaceRegistry;
  knowledge: KnowledgeStore;
  sessions: SessionStore;
  index: SearchIndex;
  search: SearchEngine;
  pages: GlobalPages;
}

/**
 * Opens what lies in MEMORY_ROOT, and brings it in order after a crash. `closing` closes what was opened, also when this
 * throws: `unavailable` when another server has MEMORY_ROOT.
 */
export async function openStores(
  memoryRoot: string,
  { log, metrics }: { log: Log; metrics: WorkMetrics },
  closing: AsyncDisposableStack,
): Promise<Stores> {
  const { root } = closing.use(await openMemoryRoot(memoryRoot));
  const guard = new WriteGuard(root);
  const registry = await WorkspaceRegistry.open(root, guard);
  for (const workspaceId of registry.damaged)
    log.error(
      { workspaceId },
      "the identity of a workspace is damaged; the workspace is closed until it is restored",
    );
  const knowledge = new KnowledgeStore(root, guard, { log });
  const sessions = new SessionStore(root, guard);
  const ids = () => registry.list().map(({ id }) => id);
  const recovered = Promise.withResolvers<void>();
  // It starts while the stores recover; what they hold it learns afterwards.
  const index = closing.use(
    SearchIndex.start({
      root,
      log,
      archives: async (workspaceId, look) => {
        await recovered.promise;
        return sessions.archives(workspaceId, look);
      },
      workspaces: ids,
    }),
  );
  const search = new SearchEngine({
    root,
    archives: (workspaceId) => sessions.archives(workspaceId),
    damage: sessions,
    index,
    metrics,
  });
  closing.defer(() => search.close());
  search.warmUp();
  await knowledge.recover(ids());
  await sessions.recover(ids());
  recovered.resolve();
  const pages = new GlobalPages(root);
  await pages.seed(SERVER_CONTENT);
  await index.opened;
  knowledge.listen((workspaceId, path) => index.knowledgeChanged(workspaceId, path));
  sessions.listen((workspaceId) => index.sessionsChanged(workspaceId));
  index.listen({
    edited: (workspaceIds) => knowledge.edited(workspaceIds),
    // Whoever asks for counts that could not be made ahead is told why.
    walked: () => void knowledge.countAhead(ids()).catch(() => undefined),
  });
  return { root, guard, registry, knowledge, sessions, index, search, pages };
}
