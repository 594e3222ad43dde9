import { unlink } from "node:fs/promises";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";

/** Removes files that an interrupted write left in this folder. Only at start, before anything writes there. */
export async function removeTemps(folder: Folder): Promise<void> {
  for (const name of await folder.names()) if (isTempName(name)) await unlessMissing(unlink(folder.at(name)));
}
