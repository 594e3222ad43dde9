import { join } from "node:path";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { addWorkspace, memoryRoot } from "./memory-root.ts";

interface OpenedKnowledge extends AsyncDisposable {
  store: KnowledgeStore;
  /** Id of the one workspace. */
  id: string;
  root: string;
  /** The workspace's folder. */
  folder: string;
  clock: Clock;
  /** Another store on the same files, as after a restart. */
  reopen(): KnowledgeStore;
}

/** The time until it is set is the real one. */
class Clock {
  #fixed: Date | undefined;

  set(time: string): void {
    this.#fixed = new Date(time);
  }

  now(): Date {
    return this.#fixed ?? new Date();
  }
}

/** A knowledge store with one workspace, on a MEMORY_ROOT that removes itself. */
export async function openKnowledge(): Promise<OpenedKnowledge> {
  const root = await memoryRoot();
  const id = await addWorkspace(root, "webshop");
  const clock = new Clock();
  const open = () => new KnowledgeStore(root.path, new WriteGuard(root.path), { now: () => clock.now() });
  return {
    store: open(),
    id,
    root: root.path,
    folder: join(root.path, "workspaces", id),
    clock,
    reopen: open,
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  };
}
