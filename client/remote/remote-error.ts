import type { ErrorCode } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";

/**
 * What a failed request means for whoever sent it: `auth`: the token is wrong, every request would fail;
 * `refused`: the server said no to this one, and will say no again; `retryable`: later may work; `network`: no
 * answer of a server of ours came.
 */
export type RemoteFailure = "auth" | "refused" | "retryable" | "network";

interface RemoteErrorOptions {
  cause?: unknown;
  status?: number | undefined;
  code?: ErrorCode | "internal" | undefined;
  hint?: string | undefined;
  details?: Record<string, string | number> | undefined;
  retryAfterMs?: number | undefined;
}

/** A request that did not succeed. Its message is the server's own words where there are any. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly kind: RemoteFailure;
  readonly status: number | undefined;
  readonly code: ErrorCode | "internal" | undefined;
  readonly hint: string | undefined;
  readonly details: Record<string, string | number> | undefined;
  /** How long the server asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: RemoteFailure, message: string, options: RemoteErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const RETRYABLE_4XX: ReadonlySet<number> = new Set([408, 425, 429]);

/** What an HTTP status means for the next request. */
export function kindOf(status: number): RemoteFailure {
  if (status === 401) return "auth";
  if (status >= 500 || RETRYABLE_4XX.has(status)) return "retryable";
  return "refused";
}

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LIMITS.client.retryAfterMs) : undefined;
}
