import { LIMITS } from "../../contract/limits.ts";
import type { Job } from "./job.ts";

/** Why a try failed, as far as the next try is concerned. */
export interface Failure {
  /** `later`: the network or the server was in trouble. `refused`: this job was said no to. `hopeless`: only a person can help. */
  kind: "later" | "refused" | "hopeless";
  message: string;
  hint?: string | undefined;
  /** The server asked to wait at least this long. */
  retryAfterMs?: number | undefined;
}

export interface Clock {
  now: () => number;
  /** From 0 up to, not including, 1. */
  random: () => number;
}

export const SYSTEM_CLOCK: Clock = { now: Date.now, random: Math.random };

/**
 * The job after a failed try. What may work later is tried without end; what was refused ten times is set aside,
 * kept and shown. Delays have full jitter: anything between 1 s and a ceiling that doubles up to 15 minutes.
 */
export function afterFailure(job: Job, failure: Failure, clock: Clock = SYSTEM_CLOCK): Job {
  const { not_before: _notBefore, set_aside_at: _setAside, hint: _hint, ...rest } = job;
  const tries = job.tries + 1;
  const now = clock.now();
  const failed: Job = {
    ...rest,
    tries,
    last_error: failure.message,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
  const setAside =
    failure.kind === "hopeless" || (failure.kind === "refused" && tries >= LIMITS.client.triesBeforeSetAside);
  if (setAside) return { ...failed, set_aside_at: new Date(now).toISOString() };
  const waitMs = Math.max(delayMs(tries, clock.random()), failure.retryAfterMs ?? 0);
  return { ...failed, not_before: new Date(now + waitMs).toISOString() };
}

/** Full jitter above a floor. Source: M. Brooker, "Exponential Backoff And Jitter", 2015. */
export function delayMs(tries: number, random: number): number {
  const { retryFirstMs, retryLastMs } = LIMITS.client;
  const ceiling = Math.min(retryLastMs, retryFirstMs * 2 ** Math.min(tries, 20));
  return Math.round(retryFirstMs + random * (ceiling - retryFirstMs));
}

/** What the job needs now. */
export type Standing = "due" | "waiting" | "set_aside";

export function standingOf(job: Job, now: number): Standing {
  if (job.set_aside_at !== undefined) return "set_aside";
  const notBefore = job.not_before === undefined ? Number.NaN : Date.parse(job.not_before);
  // A clock set back must not hold a job for years: no real wait is that long.
  return notBefore > now && notBefore - now <= LIMITS.client.longestWaitMs ? "waiting" : "due";
}
