import type { FileItem, Item } from "../item.ts";
import { itemDigest, type Stamped } from "./digests.ts";
import { finding, type Finding } from "./finding.ts";
import { goneFindings } from "./gone.ts";
import { versionAt } from "./version-path.ts";

/**
 * What a store holds with other bytes than a backup of it, and what it lost. Versions never change, so theirs are compared
 * always; of other files only those with size and time of the backup's, as the rest may be newer.
 */
export async function againstFindings(store: AsyncIterable<Item>, backup: Stamped): Promise<Finding[]> {
  const differing = new Map<string, FileItem>();
  const present = new Set<string>();
  const current = new Set<string>();
  for await (const item of store) {
    if (item.kind === "link") current.add(item.to);
    if (item.kind === "file" || item.kind === "link") present.add(item.path);
    if (item.kind === "file" && (await differs(item, backup))) differing.set(item.path, item);
  }
  const changed = [...differing.values()].map((item) => changeOf(item, backup, current.has(item.path)));
  return [...changed, ...goneFindings(present, backup)];
}

async function differs(item: FileItem, backup: Stamped): Promise<boolean> {
  const digest = backup.digests.get(item.path);
  if (digest === undefined) return false;
  if (versionAt(item.path) === undefined && !hasStamp(item, backup)) return false;
  return (await itemDigest(item)) !== digest;
}

/** The newest version is one file with the current one: who edits that in place changes both, and nothing is damaged. */
function changeOf(item: FileItem, backup: Stamped, isCurrent: boolean): Finding {
  const { path, sizeBytes } = item;
  if (hasStamp(item, backup))
    return finding("against.differs", path, "it has size and time of the backup's, but other bytes");
  if (isCurrent && sizeBytes > 0)
    return finding("against.edited", path, "the current file was edited in place, and this version with it");
  return finding("against.differs", path, "the backup's has other bytes; versions never change");
}

function hasStamp({ path, sizeBytes, modified }: FileItem, { times }: Stamped): boolean {
  const before = times.get(path);
  return before?.sizeBytes === sizeBytes && before.modifiedMs === modified.getTime();
}
