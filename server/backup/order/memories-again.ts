import { foldCase } from "../../../contract/names.ts";
import { MEMORY } from "../../knowledge/area.ts";
import type { Item } from "../item.ts";
import { knowledgeFolders } from "../read/knowledge-folders.ts";
import type { VersionedFile } from "../read/versioned-file.ts";
import type { Workspace } from "../read/workspace.ts";
import { place, versionItems, type CopiedVersions } from "./place.ts";

/** What of a workspace's memories is in the backup so far. */
export class GivenMemories {
  /** By names as a system has them that ignores case. */
  readonly #kinds = new Map<string, "file" | "folder">();
  readonly #files = new Set<string>();
  /** By the path of a memory that was not there: its versions. */
  readonly #copied = new Map<string, CopiedVersions>();

  addFolder(current: readonly string[]): void {
    for (const [index] of current.entries()) this.#kinds.set(keyOf(current.slice(0, index + 1)), "folder");
  }

  /** Whether the backup has a file there, or one in the place of a folder on the way, though it is a folder by now. */
  isFile(current: readonly string[]): boolean {
    return current.some((_, index) => this.#files.has(current.slice(0, index + 1).join("/")));
  }

  /** A memory with its versions, without those that are in the backup; only these where the backup cannot hold the file. */
  *give(workspace: Workspace, file: VersionedFile): Generator<Item> {
    const path = file.current.join("/");
    const copied: CopiedVersions = this.#copied.get(path) ?? new Map();
    this.#copied.set(path, copied);
    if (this.isFile(file.current)) yield* versionItems(workspace, file, copied);
    else if (yield* place(workspace, file, copied)) this.#take(file.current);
  }

  /** Whether the backup can hold a file there: nothing has its name yet, and no file that of a folder on the way. */
  hasRoomFor({ current }: VersionedFile): boolean {
    const isFile = (length: number) => this.#kinds.get(keyOf(current.slice(0, length))) === "file";
    return !this.#kinds.has(keyOf(current)) && !current.some((_, index) => isFile(index));
  }

  #take(current: readonly string[]): void {
    const path = current.join("/");
    this.#files.add(path);
    this.addFolder(current.slice(0, -1));
    this.#kinds.set(keyOf(current), "file");
    this.#copied.delete(path);
  }
}

/**
 * Memories that have come meanwhile to a place that was looked at before, as one does that is renamed: without them it could
 * be at neither of its two addresses. It may be at both.
 */
export function* memoriesAgain(workspace: Workspace, given: GivenMemories): Generator<Item> {
  for (const { current, present, versions, children } of knowledgeFolders(workspace, MEMORY)) {
    const spellable = new Set(children);
    for (const { name } of (present ?? []).filter((entry) => entry.isFile() && spellable.has(entry.name))) {
      const file = { current: [...current, name], versions: [...versions, name] };
      if (given.hasRoomFor(file)) yield* given.give(workspace, file);
    }
  }
}

function keyOf(names: readonly string[]): string {
  return foldCase(names.join("/"));
}
