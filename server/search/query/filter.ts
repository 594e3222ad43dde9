import type { Choice } from "../../../contract/query-language.ts";
import type { TurnRole } from "../../../contract/search.ts";

/** Which text counts. Times are milliseconds since 1970, `beforeMs` is the first one that is too late. */
export interface Filter {
  /** Undefined: all of them. */
  roles?: readonly TurnRole[] | undefined;
  afterMs?: number | undefined;
  beforeMs?: number | undefined;
  /** Which files: a knowledge file by its path, a turn of a session by the files its text names. */
  files?: Choice | undefined;
}

/** Whether a time is one that was asked for. */
export function inWindow(timeMs: number, { afterMs, beforeMs }: Filter): boolean {
  return (afterMs === undefined || timeMs >= afterMs) && (beforeMs === undefined || timeMs < beforeMs);
}
