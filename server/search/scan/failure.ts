import { AppError, type ErrorCode } from "../../../contract/errors.ts";
import { isErrno } from "../../../disk/errno.ts";
import { END, type Part } from "./job.ts";

const NOT_THERE: ReadonlySet<ErrorCode> = new Set(["not_found", "forbidden"]);

/**
 * What is said of a document that could not be read. One that is gone, or is a link, has no lines; another cannot be
 * read. Throws what is a defect.
 */
export function failureOf(error: unknown, sourceNumber: number): Part {
  if (isErrno(error, "ENOENT") || (error instanceof AppError && NOT_THERE.has(error.code)))
    return { type: "reached", sourceNumber, line: END };
  if (error instanceof AppError || isErrno(error, "EACCES", "EIO", "EMFILE", "ENFILE") || isZlibError(error))
    return { type: "unreadable", sourceNumber };
  throw error;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
