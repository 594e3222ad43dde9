import { statfsSync } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { hasRoom } from "../storage/write-guard.ts";

/** Throws `storage_full` when a disk has no room for so many bytes and for what a server keeps free. */
export function assertRoom(folder: string, bytes: number): void {
  if (hasRoom(statfsSync(folder), bytes)) return;
  throw new AppError("storage_full", "The disk has no room for it; nothing was changed", {
    hint: "Free space there, or name a folder on another disk",
  });
}
