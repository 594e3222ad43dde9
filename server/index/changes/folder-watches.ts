import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../../../disk/errno.ts";

/** What happened in a folder since it was told last: names of what changed, undefined when they are not known. */
export type Happened = ReadonlyMap<string, ReadonlySet<string> | undefined>;

interface WatchParts {
  root: string;
  /** Events of so long are told together. */
  gatherMs: number;
  tell: (happened: Happened) => void;
}

/**
 * Watches folders, each for itself: that costs one watch of the kernel a folder, and none for its files. Folders are
 * named by their paths below the root. A folder that was moved away is to be removed, and added under its new name.
 */
export class FolderWatches implements Disposable {
  readonly #parts: WatchParts;
  readonly #watchers = new Map<string, FSWatcher>();
  #happened = new Map<string, Set<string> | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #refused: string | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  get folders(): number {
    return this.#watchers.size;
  }

  /** Why not every folder that was to be watched is. */
  get refused(): string | undefined {
    return this.#refused;
  }

  has(folder: string): boolean {
    return this.#watchers.has(folder);
  }

  /** False when the system does not let it be watched. A folder that is gone counts as watched: nothing happens in it. */
  add(folder: string): boolean {
    if (this.#watchers.has(folder)) return true;
    try {
      const watcher = watch(join(this.#parts.root, folder), { persistent: false });
      watcher.on("change", (_, name) => this.#note(folder, name));
      watcher.on("error", (error) => this.#fail(folder, error));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return true;
      this.#fail(folder, error);
      return false;
    }
  }

  /** Stops watching a folder and all below it. */
  remove(folder: string): void {
    for (const [name, watcher] of this.#watchers) {
      if (name !== folder && !name.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(name);
    }
  }

  /** From now on folders may be watched again. */
  forgetRefusal(): void {
    this.#refused = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #fail(folder: string, error: unknown): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#refused ??= error instanceof Error ? error.message : String(error);
  }

  #note(folder: string, name: string | Buffer | null): void {
    const names = this.#happened.has(folder) ? this.#happened.get(folder) : new Set<string>();
    this.#happened.set(folder, name === null ? undefined : names?.add(String(name)));
    this.#timer ??= setTimeout(() => this.#tell(), this.#parts.gatherMs);
  }

  #tell(): void {
    const happened = this.#happened;
    this.#timer = undefined;
    this.#happened = new Map();
    this.#parts.tell(happened);
  }
}
