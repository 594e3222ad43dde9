import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { LAYOUT } from "../storage/layout.ts";
import type { Folder } from "../../disk/folder.ts";
import { FolderSync } from "../../disk/folder-sync.ts";
import { enterWorkspace, makeInWorkspace } from "../storage/workspace-folder.ts";
import { areaOf, segmentsOf } from "./area.ts";

/** Where one versioned file and its versions lie. */
export class Place {
  readonly workspaceId: string;
  /** What people call it. */
  readonly path: string;
  readonly name: string;
  readonly #root: string;
  readonly #folder: readonly string[];
  readonly #versions: readonly string[];

  /** Differs from that of every other place of the same root. */
  readonly key: string;

  private constructor(
    root: string,
    workspaceId: string,
    at: { path: string; folder: readonly string[]; name: string; versions: readonly string[] },
  ) {
    this.#root = root;
    this.workspaceId = workspaceId;
    this.path = at.path;
    this.name = at.name;
    this.#folder = at.folder;
    this.#versions = at.versions;
    this.key = [workspaceId, ...at.folder, at.name].join("/");
  }

  /** Of a document; its path is canonical. */
  static of(root: string, workspaceId: string, path: string): Place {
    const { current, versions } = areaOf(path);
    const segments = segmentsOf(path);
    return new Place(root, workspaceId, {
      path,
      folder: [current, ...segments.slice(0, -1)],
      name: segments.at(-1) ?? "",
      versions: [...versions, ...segments],
    });
  }

  static overview(root: string, workspaceId: string): Place {
    return new Place(root, workspaceId, {
      path: LAYOUT.overview,
      folder: [],
      name: LAYOUT.overview,
      versions: [LAYOUT.versions, LAYOUT.versionedOverview],
    });
  }

  /** The folder of the current file. ENOENT when missing. */
  enterFolder(): Promise<Folder> {
    return enterWorkspace(this.#root, this.workspaceId, ...this.#folder);
  }

  /** What is there now under the name of the current file: a link is a link. ENOENT when nothing is. */
  async look(): Promise<BigIntStats> {
    await using folder = await this.enterFolder();
    return await lstat(folder.at(this.name), { bigint: true });
  }

  /** As `enterFolder`, for threads that may wait. */
  enterFolderSync(): FolderSync {
    return this.#enterSync(this.#folder);
  }

  makeFolder(): Promise<Folder> {
    return makeInWorkspace(this.#root, this.workspaceId, ...this.#folder);
  }

  /** The folder of the versions. ENOENT when missing. */
  enterVersions(): Promise<Folder> {
    return enterWorkspace(this.#root, this.workspaceId, ...this.#versions);
  }

  /** As `enterVersions`, for threads that may wait. */
  enterVersionsSync(): FolderSync {
    return this.#enterSync(this.#versions);
  }

  makeVersions(): Promise<Folder> {
    return makeInWorkspace(this.#root, this.workspaceId, ...this.#versions);
  }
  #enterSync(names: readonly string[]): FolderSync {
    return FolderSync.enter(this.#root, LAYOUT.workspaces, this.workspaceId, ...names);
  }
}
