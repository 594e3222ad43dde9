import { AppError, type ErrorCode } from "../../contract/errors.ts";

interface HttpErrorOptions {
  hint?: string;
  headers?: Record<string, string>;
  details?: Record<string, string | number>;
  cause?: unknown;
}

/** A failure of the HTTP exchange itself: its status says more than its code, and it may need headers of its own. */
export class HttpError extends AppError {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, code: ErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options);
    this.status = status;
    this.headers = options.headers ?? {};
  }
}
