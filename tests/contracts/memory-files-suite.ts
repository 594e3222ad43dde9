import type { OpenedFolder, OpenedMemories } from "../support/opened-memories.ts";
import { memoryEditCases } from "./memory-edits-suite.ts";
import { memoryFolderCases } from "./memory-folder-suite.ts";
import { memoryMoveCases } from "./memory-moves-suite.ts";
import { memoryNameCases } from "./memory-names-suite.ts";
import { memoryReadCases } from "./memory-reads-suite.ts";

/** How a test gets a store; `openFolder` for one whose files lie on a disk. */
export type OpenMemories =
  | { open: () => Promise<OpenedMemories> }
  | { openFolder: () => Promise<OpenedFolder> };

/** What every store of memories does, as tests of the group around the call; after a failure nothing has changed. */
export function memoryFilesCases(store: OpenMemories): void {
  if ("openFolder" in store) memoryFolderCases(store.openFolder);
  const open = "openFolder" in store ? store.openFolder : store.open;
  memoryReadCases(open);
  memoryEditCases(open);
  memoryMoveCases(open);
  memoryNameCases(open);
}
