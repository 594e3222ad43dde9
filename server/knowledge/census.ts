import { lstatSync } from "node:fs";
import { setImmediate as othersTurn } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { LAYOUT } from "../storage/layout.ts";
import { unlessUnreadable } from "../storage/unreadable.ts";
import { enterWorkspace } from "../storage/workspace-folder.ts";
import { isCanonical, knowledgeFolders, type VisitedFolder } from "./walk.ts";

const NONE = { files: 0, bytes: 0 };

export interface KnowledgeCounts {
  files: number;
  bytes: number;
  lastModified?: Date;
}

/**
 * How much knowledge each workspace holds. Counted on disk, then kept up to date by what this server writes, and
 * counted again now and then because people edit the files too.
 */
export class Census {
  readonly #root: string;
  readonly #known = new Map<string, { counts: KnowledgeCounts; countedAtMs: number }>();
  readonly #counting = new Map<string, Promise<KnowledgeCounts>>();

  constructor(root: string) {
    this.#root = root;
  }

  async of(workspaceId: string): Promise<KnowledgeCounts> {
    const known = this.#known.get(workspaceId);
    if (known !== undefined && performance.now() - known.countedAtMs < LIMITS.knowledge.countsFreshMs)
      return known.counts;
    const running = this.#counting.get(workspaceId);
    if (running !== undefined) return running;
    const counting = countReadable(this.#root, workspaceId);
    this.#counting.set(workspaceId, counting);
    try {
      const counts = await counting;
      if (this.#counting.get(workspaceId) === counting)
        this.#known.set(workspaceId, { counts, countedAtMs: performance.now() });
      return counts;
    } finally {
      if (this.#counting.get(workspaceId) === counting) this.#counting.delete(workspaceId);
    }
  }

  /** Takes up a change this server made. A count that runs meanwhile may have missed it, so it is not kept. */
  changed(workspaceId: string, change: { files: number; bytes: number; time: Date }): void {
    this.#counting.delete(workspaceId);
    const known = this.#known.get(workspaceId);
    if (known === undefined) return;
    const { files, bytes } = known.counts;
    known.counts = { files: files + change.files, bytes: bytes + change.bytes, lastModified: change.time };
  }
}

/** A knowledge folder that is a link or cannot be read holds nothing of ours. */
async function countReadable(root: string, workspaceId: string): Promise<KnowledgeCounts> {
  return (await unlessUnreadable(countFiles(root, workspaceId))) ?? NONE;
}

async function countFiles(root: string, workspaceId: string): Promise<KnowledgeCounts> {
  const folder = await unlessMissing(enterWorkspace(root, workspaceId, LAYOUT.knowledge));
  if (folder === undefined) return NONE;
  await using knowledge = folder;
  const counts = { files: 0, bytes: 0, lastMs: 0 };
  for await (const visited of knowledgeFolders(knowledge)) await addFiles(counts, visited);
  const { files, bytes, lastMs } = counts;
  return files === 0 ? NONE : { files, bytes, lastModified: new Date(Math.round(lastMs)) };
}

/** Files that are looked up before others get their turn: with a promise each would take far longer, and more memory. */
const AT_ONCE = 64;

async function addFiles(
  counts: { files: number; bytes: number; lastMs: number },
  { folder, above, entries }: VisitedFolder,
): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await othersTurn();
    if (!entry.isFile() || !isCanonical(`${above}${entry.name}`)) continue;
    const stats = lstatSync(folder.at(entry.name), { throwIfNoEntry: false });
    if (stats === undefined) continue;
    counts.files += 1;
    counts.bytes += stats.size;
    counts.lastMs = Math.max(counts.lastMs, stats.mtimeMs);
  }
}
