import type { ListedFolder } from "../scan/job.ts";
import { areaOf, segmentsOf } from "../../knowledge/area.ts";
import { LAYOUT } from "../../storage/layout.ts";

/** A knowledge file or, without a path, an overview that was listed, with what is known of it. */
export interface KnownFile {
  workspaceId: string;
  path: string | undefined;
  timeMs: number;
  sizeBytes: number;
}

interface Kept extends ListedFolder {
  workspaceId: string;
  /** How many of its files count. */
  size: number;
  /** Where in the lists a name stands; made when the first is asked for. */
  places: Map<string, number> | undefined;
}

/**
 * Very many files of which few will be asked for: they stay the lists that they came as. As objects, each with its path, a
 * hundred thousand of them kept the garbage collector of the main thread busy.
 */
export class ListedFolders {
  readonly #folders = new Map<string, Kept>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes at most so many files. */
  add(workspaceId: string, folder: ListedFolder, most: number): void {
    const size = Math.min(folder.timesMs.length, most);
    this.#size += size;
    const segments = segmentsOf(folder.above).map((name) => `${name}/`);
    const key = `${areaFolder(workspaceId, folder.above)}/${segments.join("")}`;
    this.#folders.set(key, { ...folder, workspaceId, size, places: undefined });
  }

  /** By its name below the root, if it was listed. */
  find(name: string): KnownFile | undefined {
    const end = name.lastIndexOf("/") + 1;
    const folder = this.#folders.get(name.slice(0, end));
    if (folder === undefined) return undefined;
    folder.places ??= placesIn(folder);
    const fileName = name.slice(end);
    const place = folder.places.get(fileName);
    const [timeMs, sizeBytes] = place === undefined ? [] : [folder.timesMs[place], folder.sizesBytes[place]];
    if (timeMs === undefined || sizeBytes === undefined) return undefined;
    return { workspaceId: folder.workspaceId, path: `${folder.above}${fileName}`, timeMs, sizeBytes };
  }
}

/** The folder, below the root, of the area in which a folder of a workspace lies whose paths begin with `above`. */
export function areaFolder(workspaceId: string, above: string): string {
  return `${LAYOUT.workspaces}/${workspaceId}/${areaOf(above).current}`;
}

function placesIn({ names, size }: Kept): Map<string, number> {
  return new Map(
    names
      .split("/")
      .slice(0, size)
      .map((name, place) => [name, place]),
  );
}
