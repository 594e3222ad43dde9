import { constants } from "node:os";

/** True when `error` is a system error of one of these codes, such as ENOENT. */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code)
  );
}

/** True for any refusal of the system's, whatever its reason; false for a mistake of ours, whose code is Node's own. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return isErrno(error, ...Object.keys(constants.errno));
}

/** What `work` gives, or undefined when it fails because a file or folder is missing (ENOENT). */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
