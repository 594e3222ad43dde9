import { LIMITS } from "../../../contract/limits.ts";
import { mostBytes } from "../../knowledge/stored-text.ts";
import { isCanonical } from "../../knowledge/walk.ts";
import { LAYOUT } from "../../storage/layout.ts";
import type { ListedFile, ListedFolder } from "../scan/job.ts";
import { areaFolder, ListedFolders, type KnownFile } from "./listed-folders.ts";

/** One that was told by itself. */
interface WorkspaceFile extends ListedFile, KnownFile {
  /** It was not found by looking through its workspace. */
  isAlone: boolean;
}

/** The files that there are to search, if they are ours. */
export class Listing {
  /** Those whose paths hold a word, and single ones: they are all read. */
  readonly named: WorkspaceFile[] = [];
  /** All others. */
  readonly #folders = new ListedFolders();
  /** By their names below the root. */
  readonly #overviews = new Map<string, WorkspaceFile>();
  /** The areas and overviews that these lie in or are. */
  readonly places = new Set<string>();
  tooLong = 0;
  /** Whether there were more than one search looks at. */
  isCut = false;

  get size(): number {
    return this.named.length + this.#folders.size + this.#overviews.size;
  }

  /** One that is in no list. */
  add(file: WorkspaceFile): void {
    const { workspaceId, path, sizeBytes } = file;
    const isTooLong = sizeBytes > mostBytes(path);
    const isNamed = file.isNamed || file.isAlone;
    if ((isTooLong || isNamed) && !isOurs(file)) return;
    if (isTooLong) this.tooLong += 1;
    else if (this.#room === 0) this.isCut = true;
    else if (isNamed) this.named.push(file);
    else {
      const place = `${LAYOUT.workspaces}/${workspaceId}/${LAYOUT.overview}`;
      this.places.add(place);
      this.#overviews.set(place, file);
    }
  }

  addFolder(workspaceId: string, folder: ListedFolder): void {
    this.isCut ||= folder.timesMs.length > this.#room;
    this.places.add(areaFolder(workspaceId, folder.above));
    this.#folders.add(workspaceId, folder, this.#room);
  }

  /** One that is not named, by its name below the root. */
  find(name: string): KnownFile | undefined {
    return this.#overviews.get(name) ?? this.#folders.find(name);
  }

  get #room(): number {
    return Math.max(0, LIMITS.search.files - this.size);
  }
}

/** Whether the store could have made it: nothing else that lies there is knowledge. */
export function isOurs({ path }: KnownFile): boolean {
  return path === undefined || isCanonical(path);
}
