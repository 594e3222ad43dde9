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
  /** Facts a program can act on, for example the current digest of a conflict. Never a secret or a server path. */
  details?: Record<string, string | number>;
}

/** A failure the caller can act on. Its message says what was wrong; it carries no secret and no server path. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, string | number> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}
