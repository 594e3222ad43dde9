import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import { isErrno } from "../../../disk/errno.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { isCanonical } from "../../knowledge/walk.ts";
import { LAYOUT } from "../../storage/layout.ts";
import type { FileName } from "../messages.ts";
import { stampOf } from "../documents/stamp.ts";
import { visitFolders } from "../../storage/visit-folders.ts";

/** A file that is not on disk as it is in the index. */
export interface DifferentFile extends FileName {
  /** When it was written last; now for one that is gone. */
  timeMs: number;
}

interface CompareParts {
  root: string;
  /** Called for every folder, by its path below the root, before it is read. */
  entering: (folder: string) => void;
}

/** Which part of the knowledge, and what the index knows of it. */
export interface Compared {
  workspaceId: string;
  /** Path of a folder below `knowledge/`, ending with `/`; "" for all of the workspace, its overview included. */
  above: string;
  /** By the path of the file; "" is the overview. */
  stamps: ReadonlyMap<string, string>;
}

/** What a comparison found. */
interface Difference {
  files: DifferentFile[];
  /** All of the workspace was to be compared, and its folder is not there: it may have been moved, and come back. */
  isMissing: boolean;
}

/**
 * Files that are not on disk as the index has them. Gives others their turn now and then. Throws `forbidden`, EACCES and the
 * like when the workspace cannot be looked at.
 */
export async function compareKnowledge(
  { root, entering }: CompareParts,
  compared: Compared,
): Promise<Difference> {
  const { workspaceId, above } = compared;
  const comparison = new Comparison(compared);
  let isMissing = false;
  if (above === "") {
    using workspace = entered(root, [LAYOUT.workspaces, workspaceId]);
    if (workspace !== undefined) comparison.look(workspace, LAYOUT.overview, "");
    else isMissing = true;
  }
  const names = [LAYOUT.workspaces, workspaceId, LAYOUT.knowledge, ...above.split("/").slice(0, -1)];
  using top = entered(root, names);
  const place = names.slice(0, 3).join("/");
  if (top !== undefined)
    await comparison.visit(top, above, (path) => entering(`${place}/${path}`.replace(/\/$/, "")));
  return { files: comparison.found(), isMissing };
}

/** Undefined for a folder that is not there. */
function entered(root: string, names: readonly string[]): FolderSync | undefined {
  try {
    return FolderSync.enter(root, ...names);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

class Comparison {
  readonly #workspaceId: string;
  /** What is known and was not seen yet. */
  readonly #unseen: Map<string, string>;
  readonly #found: DifferentFile[] = [];

  constructor({ workspaceId, above, stamps }: Compared) {
    this.#workspaceId = workspaceId;
    this.#unseen = new Map([...stamps].filter(([path]) => path.startsWith(above)));
  }

  async visit(top: FolderSync, above: string, entering: (above: string) => void): Promise<void> {
    let since = performance.now();
    for (const { folder, above: path, entries } of visitFolders(
      top,
      { isOurs: isCanonical, entering },
      above,
    )) {
      for (const entry of entries) if (entry.isFile()) this.look(folder, entry.name, `${path}${entry.name}`);
      if (performance.now() - since < LIMITS.concurrency.busyMs) continue;
      await turn();
      since = performance.now();
    }
  }

  look(folder: FolderSync, name: string, path: string): void {
    const stats = folder.look(name);
    if (stats?.isFile() !== true) return;
    const known = this.#unseen.get(path);
    this.#unseen.delete(path);
    // What the index has is canonical already; to find that out takes longer than all the rest.
    if (known === stampOf(stats) || (known === undefined && path !== "" && !isCanonical(path))) return;
    this.#found.push({ workspaceId: this.#workspaceId, path, timeMs: stats.mtimeMs });
  }

  found(): DifferentFile[] {
    const gone = this.#unseen
      .keys()
      .map((path) => ({ workspaceId: this.#workspaceId, path, timeMs: Date.now() }));
    return [...this.#found, ...gone];
  }
}
