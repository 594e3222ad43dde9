import { LIMITS } from "../../../contract/limits.ts";
import type { FileName, SettledFile } from "../messages.ts";

/** What of some workspaces' knowledge the index can speak for. */
export interface KnowledgeCoverage {
  /** The database that was spoken of: rows of another one say nothing. Undefined when there is none. */
  generation: string | undefined;
  /** Workspaces whose files are in the index, but for those in `changed`. */
  held: string[];
  /** Workspaces that have to be searched by reading. */
  unheld: string[];
  /** Files of held workspaces to be searched by reading, whatever the index says of them; no path: the overview. */
  changed: { workspaceId: string; path: string | undefined }[];
}

/** Knows, for whoever searches, what of the knowledge is in the index as it is on disk. */
export class HeldKnowledge {
  #generation: string | undefined;
  readonly #ready = new Set<string>();
  /** Written by this server, by the number under which the writer was told. */
  readonly #own = new Map<string, Map<string, number>>();
  /** Found to be different on disk. */
  readonly #found = new Map<string, Set<string>>();
  /** In no index, for they cannot be read. */
  readonly #failed = new Map<string, Set<string>>();

  /** Another database is open, or `undefined`: none. */
  begin(
    opened: { generation: string; ready: readonly string[]; failed: readonly FileName[] } | undefined,
  ): void {
    this.#generation = opened?.generation;
    for (const names of [this.#ready, this.#found, this.#failed]) names.clear();
    for (const workspaceId of opened?.ready ?? []) this.#ready.add(workspaceId);
    for (const file of opened?.failed ?? []) add(this.#failed, file);
  }

  /** Files that this server wrote and that are not in the index yet. */
  *written(): Generator<{ file: FileName; own: number }> {
    for (const [workspaceId, files] of this.#own)
      for (const [path, own] of files) yield { file: { workspaceId, path }, own };
  }

  wrote({ workspaceId, path }: FileName, own: number): void {
    const files = this.#own.get(workspaceId) ?? new Map<string, number>();
    this.#own.set(workspaceId, files.set(path, own));
  }

  /** Whether this server wrote a file, and the index does not have it yet. */
  isOwn({ workspaceId, path }: FileName): boolean {
    return this.#own.get(workspaceId)?.has(path) === true;
  }

  found(files: readonly FileName[]): void {
    for (const file of files) add(this.#found, file);
  }

  setReady(workspaceId: string, { isReady }: { isReady: boolean }): void {
    this.#found.delete(workspaceId);
    if (isReady) this.#ready.add(workspaceId);
    else this.#ready.delete(workspaceId);
  }

  settle(files: readonly SettledFile[]): void {
    for (const { file, own, isFailed } of files) {
      const { workspaceId, path } = file;
      const written = this.#own.get(workspaceId);
      if ((written?.get(path) ?? Infinity) <= own) written?.delete(path);
      this.#found.get(workspaceId)?.delete(path);
      if (isFailed) add(this.#failed, file);
      else this.#failed.get(workspaceId)?.delete(path);
    }
  }

  of(workspaceIds: readonly string[]): KnowledgeCoverage {
    const coverage: KnowledgeCoverage = { generation: this.#generation, held: [], unheld: [], changed: [] };
    for (const workspaceId of workspaceIds) {
      const changed = this.#changed(workspaceId);
      const isHeld = this.#ready.has(workspaceId) && changed.size <= LIMITS.index.waitingFiles;
      (isHeld ? coverage.held : coverage.unheld).push(workspaceId);
      if (!isHeld) continue;
      for (const path of changed)
        coverage.changed.push({ workspaceId, path: path === "" ? undefined : path });
    }
    return coverage;
  }

  #changed(workspaceId: string): ReadonlySet<string> {
    const sources = [this.#own, this.#found, this.#failed].map((files) => files.get(workspaceId));
    return new Set(sources.flatMap((files) => [...(files?.keys() ?? [])]));
  }
}

function add(files: Map<string, Set<string>>, { workspaceId, path }: FileName): void {
  const paths = files.get(workspaceId) ?? new Set<string>();
  files.set(workspaceId, paths.add(path));
}
