import { isMemory, MEMORIES } from "../../contract/memory-prefix.ts";
import { LAYOUT } from "../storage/layout.ts";

/** Where documents of one kind lie in a workspace. */
export interface Area {
  /** What their paths begin with. */
  readonly prefix: "" | typeof MEMORIES;
  /** Folder of the current files. */
  readonly current: string;
  /** Names of the folders on the way to the versions. */
  readonly versions: readonly string[];
}

const KNOWLEDGE: Area = {
  prefix: "",
  current: LAYOUT.knowledge,
  versions: [LAYOUT.versions, LAYOUT.versionedKnowledge],
};
/** Of the memories. */
export const MEMORY: Area = {
  prefix: MEMORIES,
  current: LAYOUT.memories,
  versions: [LAYOUT.versions, LAYOUT.versionedMemories],
};

/** All of them, in the order in which they are listed. */
export const AREAS: readonly Area[] = [KNOWLEDGE, MEMORY];

/** The area of a document, or of a folder of documents whose path ends with `/` or is "". */
export function areaOf(path: string): Area {
  return isMemory(path) ? MEMORY : KNOWLEDGE;
}

/** The document path of a memory, given its path below `/memories`. */
export function documentPathOf(below: string): string {
  return `${MEMORIES}${below}`;
}

/** The names of a document's path below its area's folder; of a folder's path those of the folders on the way to it. */
export function segmentsOf(path: string): string[] {
  const below = path.slice(areaOf(path).prefix.length).split("/");
  return below.at(-1) === "" ? below.slice(0, -1) : below;
}
