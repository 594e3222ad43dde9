import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { KnowledgeCounts } from "./census.ts";

/** Throws `too_large` when a workspace that holds `counts` may not get another knowledge file. Its memories do not count. */
export function assertRoomForFile({ files, memories }: KnowledgeCounts): void {
  const most = LIMITS.knowledge.filesPerWorkspace;
  if (files - memories.files < most) return;
  throw new AppError("too_large", `The workspace holds ${most} knowledge files, the most it may`, {
    hint: "Delete some, or put several into one file",
  });
}

/** Throws `too_large` when a workspace that holds `counts` may not get so many more memories, or so many more bytes of them. */
export function assertRoomForMemories(
  { memories: { files, bytes } }: KnowledgeCounts,
  added: { files: number; bytes: number },
): void {
  const most = LIMITS.memories;
  if (added.files > 0 && files + added.files > most.files)
    throw tooManyMemories(`${files} memories, the most it may`);
  if (added.bytes > 0 && bytes + added.bytes > most.bytes)
    throw tooManyMemories(`${bytes} bytes of memories; it may hold ${most.bytes}`);
}

function tooManyMemories(what: string): AppError {
  return new AppError("too_large", `The workspace holds ${what}`, {
    hint: "Delete memories that are not needed any more, or put several into one",
  });
}
