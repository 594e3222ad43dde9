import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import { isErrno } from "../../../disk/errno.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { AREAS, areaOf, segmentsOf } from "../../knowledge/area.ts";
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
  /** What the paths of the files begin with, ending with `/`; "" for all of the workspace, its overview and memories included. */
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
  for (const part of above === "" ? AREAS.map(({ prefix }) => prefix) : [above]) {
    using top = entered(root, placeOf(workspaceId, part));
    if (top === undefined) continue;
    await comparison.visit(top, part, (path) => entering(placeOf(workspaceId, path).join("/")));
  }
  return { files: comparison.found(), isMissing };
}

/** Names of the folders on the way to the one of the files whose paths begin so. */
function placeOf(workspaceId: string, above: string): string[] {
  return [LAYOUT.workspaces, workspaceId, areaOf(above).current, ...segmentsOf(above)];
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
