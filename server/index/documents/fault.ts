import { AppError } from "../../../contract/errors.ts";
import { isErrno, isSystemError } from "../../../disk/errno.ts";
import { isSqlite } from "../database/open-database.ts";

/**
 * Why a document cannot be indexed, for the owner of the server; undefined when it is not there, or nothing of ours.
 * What is not about the document (SQLite failed) is thrown again.
 */
export function faultOf(error: unknown): string | undefined {
  if (isSqlite(error)) throw error;
  if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
  if (error instanceof AppError)
    return error.code === "forbidden" || error.code === "not_found" ? undefined : error.message;
  if (isErrno(error, "EACCES", "EPERM")) return "the server's user may not read it";
  if (isSystemError(error)) return `it cannot be read: ${error.code}`;
  return error instanceof Error ? `it cannot be indexed: ${error.message}` : "it cannot be indexed";
}
