import { join } from "node:path";
import { LAYOUT } from "../../storage/layout.ts";

/** The two databases of the index. */
export const INDEX_KINDS = ["knowledge", "sessions"] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];

const NAMES = { knowledge: LAYOUT.knowledgeIndex, sessions: LAYOUT.sessionIndex } as const;

/** The folder of the index. */
export function indexFolder(root: string): string {
  return join(root, LAYOUT.meta, LAYOUT.index);
}

/** The file of one of its databases; SQLite keeps others beside it. */
export function indexFile(root: string, kind: IndexKind): string {
  return join(indexFolder(root), NAMES[kind]);
}
