/** How the API calls the kinds of failures that the proxy itself can have. */
const TYPES = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  413: "request_too_large",
  500: "api_error",
  502: "api_error",
  504: "timeout_error",
} as const;

type FaultStatus = keyof typeof TYPES;

/** Why the proxy answers by itself, with a message for the person at the client. It names no header and no key. */
export class ProxyFault extends Error {
  override readonly name = "ProxyFault";
  readonly status: FaultStatus;

  constructor(status: FaultStatus, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.status = status;
  }
}

/** The answer's body, in the shape in which the API says what went wrong: clients show its message. */
export function faultBody({ status, message }: ProxyFault): Buffer {
  return Buffer.from(JSON.stringify({ type: "error", error: { type: TYPES[status], message } }));
}
