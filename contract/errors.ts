import { maskSecrets } from "./secrets.ts";

/** Every failure a caller can act on has one of these codes, on every surface. */
export const ERROR_CODES = [
  "invalid_input",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "too_large",
  "rate_limited",
  "unavailable",
  "storage_full",
  "damaged",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

interface AppErrorOptions {
  cause?: unknown;
  /** What to try next, in one sentence. */
  hint?: string;
  /** Facts a program can act on, for example the current digest of a conflict. Never a server path, nor what callers typed. */
  details?: Record<string, string | number>;
}

/**
 * A failure the caller can act on. Its message says what was wrong; it carries no server path. Secrets of ours that are in
 * message or hint are masked: both may repeat what the caller typed. Who shortens such a text masks it before.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, string | number> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(maskSecrets(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? undefined : maskSecrets(options.hint);
    this.details = options.details;
  }
}
