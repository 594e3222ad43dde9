import { AppError } from "../../contract/errors.ts";
import { newestIn } from "./rotate.ts";
import { isBackup } from "./source.ts";

/**
 * Throws `invalid_input` for a folder that backups were made in, and is none itself; `command` says what to do with the
 * newest of them. Easily mistaken: it is the folder that `backup` was given.
 */
export function assertNoFolderOfBackups(path: string, command: (backup: string) => string): void {
  const newest = isBackup(path) ? undefined : newestIn(path);
  if (newest === undefined) return;
  throw new AppError("invalid_input", `${path} holds backups, and is none itself`, {
    hint: `The newest of them: ${command(newest.folder)}`,
  });
}
