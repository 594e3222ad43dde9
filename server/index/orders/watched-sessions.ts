/** Knows of which workspaces' sessions nothing can have changed by hand since somebody looked at their folders. */
export class WatchedSessions {
  readonly #watched = new Set<string>();
  readonly #seen = new Set<string>();

  setWatched(workspaceId: string, { isWatched }: { isWatched: boolean }): void {
    // What happened before the watch began was not seen.
    this.#seen.delete(workspaceId);
    if (isWatched) this.#watched.add(workspaceId);
    else this.#watched.delete(workspaceId);
  }

  /** Something happened in the folders. */
  touch(workspaceId: string): void {
    this.#seen.delete(workspaceId);
  }

  /** Nobody watches any more. */
  clear(): void {
    this.#watched.clear();
  }

  /** Whether the folders have to be looked at. Whoever asks does so now, if so. */
  mustLook(workspaceId: string): boolean {
    if (!this.#watched.has(workspaceId)) return true;
    if (this.#seen.has(workspaceId)) return false;
    this.#seen.add(workspaceId);
    return true;
  }
}
