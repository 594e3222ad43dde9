import { lstat } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { mapBounded } from "../../disk/bounded.ts";
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
  const counts = { files: 0, bytes: 0 };
  let lastMs = 0;
  for await (const visited of knowledgeFolders(knowledge)) {
    for (const file of await filesOf(visited)) {
      counts.files += 1;
      counts.bytes += file.size;
      lastMs = Math.max(lastMs, file.mtimeMs);
    }
  }
  return counts.files === 0 ? counts : { ...counts, lastModified: new Date(Math.round(lastMs)) };
}

async function filesOf({ folder, above, entries }: VisitedFolder) {
  const files = entries.filter((entry) => entry.isFile() && isCanonical(`${above}${entry.name}`));
  const found = await mapBounded(files, LIMITS.concurrency.fileReads, ({ name }) =>
    unlessMissing(lstat(folder.at(name))),
  );
  return found.filter((stats) => stats !== undefined);
}
