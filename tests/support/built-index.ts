import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AREAS } from "../../server/knowledge/area.ts";
import { knowledgeFolders, isCanonical } from "../../server/knowledge/walk.ts";
import { IndexStore } from "../../server/index/writer/index-store.ts";
import type { KnowledgeCoverage } from "../../server/index/coverage/held-knowledge.ts";
import type { IndexKind } from "../../server/index/database/places.ts";
import type { SessionCoverage } from "../../server/index/coverage/held-sessions.ts";
import type { IndexHolder } from "../../server/search/supply/index-holder.ts";
import { enterWorkspace } from "../../server/storage/workspace-folder.ts";
import { LAYOUT } from "../../server/storage/layout.ts";
import type { Archive } from "../../server/sessions/session.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { SearchMemory } from "./search-memory.ts";

interface Wanted {
  /** Which documents are indexed, by their paths or session ids; the others count as changed or missing. */
  isIndexed?: (name: string) => boolean;
}

/** An index of a memory as it is now, made by hand: it knows nothing of what happens afterwards. */
export class BuiltIndex implements IndexHolder {
  /** What searches said to be damaged. */
  readonly damages: IndexKind[] = [];
  readonly #held = new Set<string>();
  readonly #changed: { workspaceId: string; path: string | undefined }[] = [];
  readonly #archives = new Map<number, Archive>();
  readonly #missing: Archive[] = [];
  readonly #isIndexed: (name: string) => boolean;
  #generations: Record<IndexKind, string | undefined> = {
    knowledge: undefined,
    sessions: undefined,
  };

  private constructor(isIndexed: (name: string) => boolean) {
    this.#isIndexed = isIndexed;
  }

  static async of(memory: SearchMemory, { isIndexed = () => true }: Wanted = {}): Promise<BuiltIndex> {
    const index = new BuiltIndex(isIndexed);
    using store = new IndexStore(memory.root);
    store.open();
    for (const workspaceId of await readdir(join(memory.root, LAYOUT.workspaces)).catch(() => [])) {
      await index.#addKnowledge(memory, store, workspaceId);
      for (const archive of await memory.archives(workspaceId)) await index.#addArchive(store, archive);
    }
    index.#generations = {
      knowledge: store.knowledge.write().common.generation,
      sessions: store.sessions.write().common.generation,
    };
    store.commit();
    return index;
  }

  /** Somebody wrote or deleted this file. */
  changed(workspaceId: string, path: string): void {
    this.#changed.push({ workspaceId, path });
  }

  knowledge(workspaceIds: readonly string[]): KnowledgeCoverage {
    return {
      generation: this.#generations.knowledge,
      held: workspaceIds.filter((id) => this.#held.has(id)),
      unheld: workspaceIds.filter((id) => !this.#held.has(id)),
      changed: this.#changed.filter(({ workspaceId }) => workspaceIds.includes(workspaceId)),
    };
  }

  async sessions(workspaceIds: readonly string[]): Promise<SessionCoverage> {
    const isAsked = ({ workspaceId }: Archive) => workspaceIds.includes(workspaceId);
    return {
      generation: this.#generations.sessions,
      held: new Map([...this.#archives].filter(([, archive]) => isAsked(archive))),
      missing: this.#missing.filter(isAsked),
    };
  }

  damaged(kind: IndexKind): void {
    this.damages.push(kind);
  }

  async #addKnowledge({ root }: SearchMemory, store: IndexStore, workspaceId: string): Promise<void> {
    const paths = ["", ...(await pathsIn(root, workspaceId))];
    for (const path of paths) {
      const isHeld =
        this.#isIndexed(path) && store.knowledge.write().look({ workspaceId, path }).state !== "failed";
      if (!isHeld) this.#changed.push({ workspaceId, path: path === "" ? undefined : path });
    }
    this.#held.add(workspaceId);
  }

  async #addArchive(store: IndexStore, archive: Archive): Promise<void> {
    const putting = store.sessions.write().put(archive);
    let step = this.#isIndexed(archive.sessionId) ? await putting.next() : undefined;
    while (step?.done === false) step = await putting.next();
    if (step?.value?.state === "held") this.#archives.set(step.value.id, archive);
    else this.#missing.push(archive);
  }
}

async function pathsIn(root: string, workspaceId: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { current, prefix } of AREAS) {
    const folder = await unlessMissing(enterWorkspace(root, workspaceId, current)).catch(() => undefined);
    if (folder === undefined) continue;
    await using top = folder;
    for await (const { above, entries } of knowledgeFolders(top, prefix))
      for (const entry of entries) if (entry.isFile()) paths.push(`${above}${entry.name}`);
  }
  return paths.filter(isCanonical);
}
