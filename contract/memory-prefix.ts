import { pathFault } from "./path-fault.ts";

/** How the path of every memory begins. No knowledge path begins so: none begins with a slash. */
export const MEMORIES = "/memories/";

/** Whether the path of a document, or of a folder of documents (which ends with `/`), is a memory's. */
export function isMemory(path: string): boolean {
  return path.startsWith(MEMORIES);
}

/** Why a path is refused, or undefined when it is the good canonical (NFC) path of a document. */
export function documentFault(path: string): string | undefined {
  // With the folder's name before it, `sessions` and the like are no names of the server's own.
  return pathFault(isMemory(path) ? path.slice(1) : path);
}

/** Address of a document below its workspace's, in anchors and in the HTTP API: `knowledge/a%20b.md`, `memories/a%20b.md`. */
export function addressOf(path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return isMemory(path) ? encoded.slice(1) : `knowledge/${encoded}`;
}

/** What the path of a document says about it: neither that it is a memory nor `.md` does. */
export function wordsOf(path: string): string {
  const named = isMemory(path) ? path.slice(MEMORIES.length) : path;
  return named.replace(/\.md$/i, "");
}
