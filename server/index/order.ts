import { sha256 } from "../../disk/digest.ts";

/** Where a document stands among the answers of literal and regex searches. */
export interface Place {
  timeMs: number;
  key: string;
}

/** A short name that orders documents of the same time and never changes. */
export function documentKey(workspaceId: string, name: string): string {
  return sha256(JSON.stringify([workspaceId, name])).slice(0, 16);
}

/** Newest document first, then by its key. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.timeMs !== b.timeMs) return b.timeMs - a.timeMs;
  return a.key < b.key ? -1 : Number(a.key > b.key);
}
