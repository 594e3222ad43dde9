import type { MemoryFiles } from "../../memory-tool/files.ts";

/** A store of memories under test, empty at first. */
export interface OpenedMemories extends AsyncDisposable {
  files: MemoryFiles;
}

/** A store whose files lie in `folder`, which people may change too; it need not be there at first. */
export interface OpenedFolder extends OpenedMemories {
  folder: string;
}
