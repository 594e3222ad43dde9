import type { Request, Response } from "express";
import type { Role } from "../../contract/wire.ts";
import type { Principal } from "../access/principal.ts";
import type { Log } from "../observe/log.ts";
import type { AuthFault } from "../observe/request-metrics.ts";
import { addressGroup } from "./address.ts";
import { HttpError } from "./http-error.ts";
import { howToConnect } from "./how-to-connect.ts";
import type { HttpConfig, HttpParts } from "./parts.ts";
import { RateLimit } from "./rate-limit.ts";
import { LIMITS } from "../../contract/limits.ts";

const CHALLENGE = 'Bearer realm="federated-memory"';
const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/**
 * Finds out who asks, from the Authorization header alone, before a byte of the body is read. A right token always
 * passes: guesses from the same address cannot lock its owner out.
 */
export class Authenticator {
  readonly #authenticate: HttpParts["authenticate"];
  readonly #config: HttpConfig;
  readonly #log: Log;
  readonly #failures: RateLimit;
  readonly #requests: RateLimit;
  readonly #metrics: HttpParts["metrics"];

  constructor({
    authenticate,
    config,
    log,
    rate,
    metrics,
  }: Pick<HttpParts, "authenticate" | "config" | "log" | "rate" | "metrics">) {
    this.#authenticate = authenticate;
    this.#config = config;
    this.#log = log;
    this.#metrics = metrics;
    const keys = LIMITS.rate.addresses;
    this.#failures = new RateLimit({
      perMinute: rate?.failuresPerMinute ?? LIMITS.rate.failuresPerMinute,
      keys,
    });
    this.#requests = new RateLimit({
      perMinute: rate?.requestsPerMinute ?? LIMITS.rate.requestsPerMinute,
      keys,
    });
  }

  /** Throws 401, 403 for a role that is not among `roles`, or 429. */
  identify(request: Request, response: Response, roles: readonly Role[]): Principal {
    const header = request.headers.authorization ?? "";
    if (!/^Bearer\b/i.test(header)) throw this.#missing(request);
    const principal = this.#known(header);
    if (principal === undefined) throw this.#refused(request, response, "token");
    response.locals.facts.principalId = principal.id;
    const waitSeconds = this.#requests.take(principal.id);
    if (waitSeconds > 0) {
      this.#metrics.requests.rateLimited("requests");
      throw tooMany("Too many requests with this token", waitSeconds);
    }
    if (!roles.includes(principal.role)) throw wrongRole(principal.role, roles);
    return principal;
  }

  /**
   * Exchanges the join code in the Authorization header by `redeem`; what it does not know is a failed
   * authentication like any other, the same for wrong, used and expired codes.
   */
  async exchange<T>(
    request: Request,
    response: Response,
    redeem: (code: string) => Promise<T | undefined>,
  ): Promise<T> {
    const [, code] = BEARER.exec(request.headers.authorization ?? "") ?? [];
    const exchanged = code === undefined ? undefined : await redeem(code);
    if (exchanged !== undefined) return exchanged;
    throw this.#refused(request, response, "join_code", {
      message: "The join code is wrong, expired or used already",
      hint: "Ask the server's owner for another: federated-memory join --machine NAME",
    });
  }

  #known(header: string): Principal | undefined {
    const [, secret] = BEARER.exec(header) ?? [];
    return secret === undefined ? undefined : this.#authenticate(secret);
  }

  /** RFC 6750, section 3.1: a request without credentials gets no error code. */
  #missing(request: Request): HttpError {
    this.#metrics.requests.authFailed("missing");
    return new HttpError(401, "unauthenticated", "This server needs a bearer token", {
      hint: howToConnect(request, this.#config),
      headers: { "WWW-Authenticate": CHALLENGE },
    });
  }

  /** Only what could be a token counts as a guess; the rest is a misconfigured client. */
  #refused(
    request: Request,
    response: Response,
    wrong: AuthFault,
    said?: { message: string; hint: string },
  ): HttpError {
    const { address, route, id } = response.locals.facts;
    this.#log.warn({ event: "auth_failure", address, route, request_id: id }, "authentication failed");
    const isGuess = BEARER.test(request.headers.authorization ?? "");
    this.#metrics.requests.authFailed(isGuess ? wrong : "malformed");
    const waitSeconds = isGuess ? this.#failures.take(addressGroup(address)) : 0;
    if (waitSeconds > 0) {
      this.#metrics.requests.rateLimited("auth_failures");
      return tooMany("Too many failed authentications from your address", waitSeconds);
    }
    const message = said?.message ?? "The bearer token is wrong, expired or revoked";
    return new HttpError(401, "unauthenticated", message, {
      hint: said?.hint ?? howToConnect(request, this.#config),
      headers: { "WWW-Authenticate": `${CHALLENGE}, error="invalid_token"` },
    });
  }
}

function wrongRole(role: Role, roles: readonly Role[]): HttpError {
  const needed = roles.join(" or ");
  return new HttpError(403, "forbidden", `This needs a token of the role ${needed}; yours is ${role}`, {
    headers: { "WWW-Authenticate": `${CHALLENGE}, error="insufficient_scope", scope="${roles.join(" ")}"` },
  });
}

function tooMany(message: string, waitSeconds: number): HttpError {
  return new HttpError(429, "rate_limited", message, {
    hint: `Try again in ${waitSeconds} s`,
    headers: { "Retry-After": String(waitSeconds) },
  });
}
