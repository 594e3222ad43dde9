import { setImmediate as othersTurn } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import { isMemory } from "../../contract/memory-prefix.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { FolderSync } from "../../disk/folder-sync.ts";
import { LAYOUT } from "../storage/layout.ts";
import { unlessUnreadable } from "../storage/unreadable.ts";
import { visitFolders } from "../storage/visit-folders.ts";
import { AREAS, type Area } from "./area.ts";
import { isCanonical } from "./walk.ts";

const NONE = { files: 0, bytes: 0, memories: { files: 0, bytes: 0 } };

/** How many documents there are. */
export interface KnowledgeCounts {
  files: number;
  bytes: number;
  /** Those of them that are memories. */
  memories: { files: number; bytes: number };
  lastModified?: Date;
}

/** What a write or deletion of this server made of the documents of a workspace. */
interface CountedChange {
  path: string;
  files: number;
  bytes: number;
  time: Date;
}

/**
 * How many documents each workspace holds. Counted on disk once, then kept up to date by what this server writes, and
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
  changed(workspaceId: string, change: CountedChange): void {
    this.#counting.delete(workspaceId);
    const known = this.#known.get(workspaceId);
    if (known === undefined) return;
    const { memories } = known;
    this.#known.set(workspaceId, {
      ...sum(known, change),
      memories: isMemory(change.path) ? sum(memories, change) : memories,
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

function sum(a: { files: number; bytes: number }, b: { files: number; bytes: number }) {
  return { files: a.files + b.files, bytes: a.bytes + b.bytes };
}

/** A folder that is a link or cannot be read holds nothing of ours. */
async function countReadable(root: string, workspaceId: string): Promise<KnowledgeCounts> {
  let counts: KnowledgeCounts = NONE;
  for (const area of AREAS) {
    const counted = await unlessUnreadable(unlessMissing(countFiles(root, workspaceId, area)));
    if (counted === undefined || counted.files === 0) continue;
    counts = {
      ...sum(counts, counted),
      memories: isMemory(area.prefix) ? sum(counts.memories, counted) : counts.memories,
      lastModified: new Date(Math.max(counts.lastModified?.getTime() ?? 0, Math.round(counted.lastMs))),
    };
  }
  return counts;
}

interface Counted {
  files: number;
  bytes: number;
  lastMs: number;
}

/** Without promises: with one for each file it would take far longer, and more memory. */
async function countFiles(root: string, workspaceId: string, area: Area): Promise<Counted> {
  using top = FolderSync.enter(root, LAYOUT.workspaces, workspaceId, area.current);
  const counts = { files: 0, bytes: 0, lastMs: 0 };
  let since = performance.now();
  for (const { folder, above, entries } of visitFolders(top, { isOurs: isCanonical }, area.prefix))
    for (const entry of entries) {
      if (entry.isFile() && isCanonical(`${above}${entry.name}`)) add(counts, folder, entry.name);
      if (performance.now() - since < LIMITS.concurrency.busyMs) continue;
      await othersTurn();
      since = performance.now();
    }
  return counts;
}

function add(counts: Counted, folder: FolderSync, name: string): void {
  const stats = folder.look(name);
  if (stats === undefined) return;
  counts.files += 1;
  counts.bytes += stats.size;
  counts.lastMs = Math.max(counts.lastMs, stats.mtimeMs);
}
