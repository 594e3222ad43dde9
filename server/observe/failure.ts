import { AppError, type ErrorCode } from "../../contract/errors.ts";

/**
 * How work ends that did not do what was asked: `refused` for what cannot be, `aborted` because the caller had gone,
 * `busy` because there was too much at once, `failed` by a fault of the server or its disk.
 */
export const FAILURES = ["refused", "aborted", "busy", "failed"] as const;
export type Failure = (typeof FAILURES)[number];

/** What no other request would have helped against. */
const FAULTS = new Set<ErrorCode>(["unavailable", "storage_full", "damaged"]);

/** `isAdmitted`: it had its turn before it threw. */
export function failureOf(
  error: unknown,
  { signal, isAdmitted = true }: { signal?: AbortSignal | undefined; isAdmitted?: boolean } = {},
): Failure {
  if (signal?.aborted === true) return "aborted";
  if (!isAdmitted) return "busy";
  return error instanceof AppError && !FAULTS.has(error.code) ? "refused" : "failed";
}
