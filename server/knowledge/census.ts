import { setImmediate as othersTurn } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { FolderSync } from "../../disk/folder-sync.ts";
import { LAYOUT } from "../storage/layout.ts";
import { unlessUnreadable } from "../storage/unreadable.ts";
import { visitFolders } from "../storage/visit-folders.ts";
import { isCanonical } from "./walk.ts";

const NONE = { files: 0, bytes: 0 };

export interface KnowledgeCounts {
  files: number;
  bytes: number;
  lastModified?: Date;
}

/**
 * How much knowledge each workspace holds. Counted on disk once, then kept up to date by what this server writes, and
 * counted again when somebody says that people edited files too.
 */
export class Census {
  readonly #root: string;
  readonly #known = new Map<string, KnowledgeCounts>();
  readonly #counting = new Map<string, Promise<KnowledgeCounts>>();

  constructor(root: string) {
    this.#root = root;
  }

  async of(workspaceId: string): Promise<KnowledgeCounts> {
    return this.#known.get(workspaceId) ?? this.#counting.get(workspaceId) ?? this.#count(workspaceId);
  }

  /** Takes up a change this server made. A count that runs meanwhile may have missed it, so it is not kept. */
  changed(workspaceId: string, change: { files: number; bytes: number; time: Date }): void {
    this.#counting.delete(workspaceId);
    const known = this.#known.get(workspaceId);
    if (known === undefined) return;
    const { files, bytes } = known;
    this.#known.set(workspaceId, {
      files: files + change.files,
      bytes: bytes + change.bytes,
      lastModified: change.time,
    });
  }

  /** Others changed something: it is counted again when somebody asks. */
  forget(workspaceId: string): void {
    this.#counting.delete(workspaceId);
    this.#known.delete(workspaceId);
  }

  async #count(workspaceId: string): Promise<KnowledgeCounts> {
    const counting = countReadable(this.#root, workspaceId);
    const isWanted = () => this.#counting.get(workspaceId) === counting;
    this.#counting.set(workspaceId, counting);
    try {
      const counts = await counting;
      if (isWanted()) this.#known.set(workspaceId, counts);
      return counts;
    } finally {
      if (isWanted()) this.#counting.delete(workspaceId);
    }
  }
}

/** A knowledge folder that is a link or cannot be read holds nothing of ours. */
async function countReadable(root: string, workspaceId: string): Promise<KnowledgeCounts> {
  return (await unlessUnreadable(unlessMissing(countFiles(root, workspaceId)))) ?? NONE;
}

/** Without promises: with one for each file it would take far longer, and more memory. */
async function countFiles(root: string, workspaceId: string): Promise<KnowledgeCounts> {
  using knowledge = FolderSync.enter(root, LAYOUT.workspaces, workspaceId, LAYOUT.knowledge);
  const counts = { files: 0, bytes: 0, lastMs: 0 };
  let since = performance.now();
  for (const { folder, above, entries } of visitFolders(knowledge, { isOurs: isCanonical }))
    for (const entry of entries) {
      if (entry.isFile() && isCanonical(`${above}${entry.name}`)) add(counts, folder, entry.name);
      if (performance.now() - since < LIMITS.concurrency.busyMs) continue;
      await othersTurn();
      since = performance.now();
    }
  const { files, bytes, lastMs } = counts;
  return files === 0 ? NONE : { files, bytes, lastModified: new Date(Math.round(lastMs)) };
}

function add(
  counts: { files: number; bytes: number; lastMs: number },
  folder: FolderSync,
  name: string,
): void {
  const stats = folder.look(name);
  if (stats === undefined) return;
  counts.files += 1;
  counts.bytes += stats.size;
  counts.lastMs = Math.max(counts.lastMs, stats.mtimeMs);
}
