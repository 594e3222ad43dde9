import type { ErrorCode } from "../../contract/errors.ts";

/** How a command can end. Scripts rely on the numbers. */
export const OUTCOMES = ["ok", "problem", "usage", "auth", "network"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const EXIT = { ok: 0, problem: 1, usage: 2, auth: 3, network: 4 } as const satisfies Record<
  Outcome,
  number
>;

/** How a command ends that failed with this code. */
export const OUTCOME_OF = {
  invalid_input: "problem",
  unauthenticated: "auth",
  forbidden: "auth",
  not_found: "problem",
  conflict: "problem",
  too_large: "problem",
  rate_limited: "network",
  unavailable: "network",
  storage_full: "problem",
  damaged: "problem",
} as const satisfies Record<ErrorCode, Outcome>;
