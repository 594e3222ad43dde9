import { join } from "node:path";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { openKnowledge } from "./knowledge.ts";
import type { OpenedFolder } from "./opened-memories.ts";

type OpenedKnowledge = Awaited<ReturnType<typeof openKnowledge>>;

/** A knowledge store, and the memories of its one workspace. */
interface OpenedOnServer extends OpenedFolder {
  knowledge: OpenedKnowledge;
  /** The same memories after a restart. */
  restart(): Promise<MemoryFiles>;
}

/** The memories of a workspace on a disk, empty at first. */
export async function openMemories(): Promise<OpenedOnServer> {
  const knowledge = await openKnowledge();
  const { store, id } = knowledge;
  return {
    files: store.memories(id),
    folder: join(knowledge.folder, "memories"),
    knowledge,
    async restart() {
      const store = knowledge.reopen();
      await store.recover([id]);
      return store.memories(id);
    },
    [Symbol.asyncDispose]: () => knowledge[Symbol.asyncDispose](),
  };
}
