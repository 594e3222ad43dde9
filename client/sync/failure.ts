import { AppError } from "../../contract/errors.ts";
import { isErrno, isSystemError } from "../../disk/errno.ts";
import type { Failure } from "../outbox/retry.ts";
import { RemoteError } from "../remote/remote-error.ts";

/** A failure that every other file would meet too. */
export interface Stop {
  why: "auth" | "network";
  message: string;
  hint?: string | undefined;
}

/** What a failed try means. `gone`: the file is not there any more. */
export type Verdict = { failure: Failure; stop?: Stop; overloaded?: boolean } | { stop: Stop } | "gone";

/** Judges a failure; undefined for what is no failure of a file but a mistake in the program. */
export function judge(error: unknown): Verdict | undefined {
  if (error instanceof RemoteError) return judgeRemote(error);
  if (error instanceof AppError) {
    const { message, hint } = error;
    return { failure: { kind: error.code === "unavailable" ? "later" : "hopeless", message, hint } };
  }
  if (isErrno(error, "ENOENT", "ENOTDIR")) return "gone";
  if (isSystemError(error))
    return { failure: { kind: "refused", message: `the file cannot be read (${error.code})` } };
  return undefined;
}

function judgeRemote({ kind, message, hint, retryAfterMs }: RemoteError): Verdict {
  const stop = { message, hint };
  switch (kind) {
    case "auth":
      return { stop: { why: "auth", ...stop } };
    case "network":
      return { failure: { kind: "later", message, hint }, stop: { why: "network", ...stop } };
    case "retryable":
      return { failure: { kind: "later", message, hint, retryAfterMs }, overloaded: true };
    case "refused":
      return { failure: { kind: "refused", message, hint } };
    default:
      return kind satisfies never;
  }
}
