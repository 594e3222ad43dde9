import type { Family } from "./exposition.ts";
import { Counter, Histogram } from "./instruments.ts";

/** A request that is over. */
export interface EndedRequest {
  method: string;
  /** Pattern of the route, never the path. */
  route: string;
  /** Undefined when the caller had gone before there was one. */
  status: number | undefined;
  seconds: number;
  bytesIn: number;
  bytesOut: number;
}

/** Why nobody was recognised: no bearer token, something that cannot be one, a wrong token, a wrong join code. */
const AUTH_FAULTS = ["missing", "malformed", "token", "join_code"] as const;
export type AuthFault = (typeof AUTH_FAULTS)[number];

/** What came too often: requests of one token, or wrong tokens from one address. */
const RATES = ["requests", "auth_failures"] as const;
export type Rate = (typeof RATES)[number];

const DIRECTIONS = ["in", "out"] as const;
/** Callers may name any method. */
const METHODS = new Set(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]);

/** What the HTTP edge counts. */
export class RequestMetrics {
  readonly #requests = new Counter<{ method: string; route: string; status: string }>({
    name: "federated_memory_http_requests_total",
    help: "Requests that are over, by the pattern of their route; status none: the caller had gone before the answer.",
    labels: ["method", "route", "status"],
  });
  readonly #seconds = new Histogram<{ route: string }>({
    name: "federated_memory_http_request_seconds",
    help: "From a request's head to the end of its answer.",
    labels: ["route"],
  });
  readonly #bytes = new Counter<{ direction: (typeof DIRECTIONS)[number] }>({
    name: "federated_memory_http_bytes_total",
    help: "Bytes of requests that are over and their answers, heads included.",
    labels: ["direction"],
    starts: DIRECTIONS.map((direction) => ({ direction })),
  });
  readonly #authFailures = new Counter<{ reason: AuthFault }>({
    name: "federated_memory_auth_failures_total",
    help: "Requests of nobody: without a token, with none that could be one, with a wrong token or join code.",
    labels: ["reason"],
    starts: AUTH_FAULTS.map((reason) => ({ reason })),
  });
  readonly #rateLimited = new Counter<{ what: Rate }>({
    name: "federated_memory_rate_limited_total",
    help: "Requests refused with 429: too many of one token, or too many wrong tokens from one address.",
    labels: ["what"],
    starts: RATES.map((what) => ({ what })),
  });

  ended({ method, route, status, seconds, bytesIn, bytesOut }: EndedRequest): void {
    this.#requests.add({
      method: METHODS.has(method) ? method : "other",
      route,
      status: status === undefined ? "none" : String(status),
    });
    this.#seconds.observe({ route }, seconds);
    this.#bytes.add({ direction: "in" }, bytesIn);
    this.#bytes.add({ direction: "out" }, bytesOut);
  }

  authFailed(reason: AuthFault): void {
    this.#authFailures.add({ reason });
  }

  rateLimited(what: Rate): void {
    this.#rateLimited.add({ what });
  }

  families(): Family[] {
    return [this.#requests, this.#seconds, this.#bytes, this.#authFailures, this.#rateLimited].map(
      (instrument) => instrument.family(),
    );
  }
}
