import type { RequestHandler, Response } from "express";
import { LIMITS } from "../../contract/limits.ts";
import { HttpError } from "./http-error.ts";
import type { HttpConfig } from "./parts.ts";

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;
const ORIGIN = /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
/** Headers whose second line would be dropped in silence, while a proxy might look at that one. */
const ONCE = ["host", "authorization", "origin", "x-workspace-token", "x-workspace-binding"];

/** Refuses, before anything else looks at it, what no honest client of this server sends: foreign Host or Origin, odd targets, too many headers. */
export function guard(config: HttpConfig): RequestHandler {
  const hosts = new Set(config.allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase()));
  return (request, response, next) => {
    secureHeaders(response);
    if (request.rawHeaders.length > 2 * LIMITS.http.headLines)
      throw new HttpError(431, "too_large", `A request has at most ${LIMITS.http.headLines} header lines`);
    if (!request.url.startsWith("/"))
      throw new HttpError(400, "invalid_input", "The request target must begin with /");
    for (const name of ONCE)
      if ((request.headersDistinct[name]?.length ?? 0) > 1)
        throw new HttpError(400, "invalid_input", `A request has one ${name} header at most`);
    assertHost(request.headers.host, hosts);
    assertOrigin(request.headers.origin, origins);
    next();
  };
}

function secureHeaders(response: Response): void {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.setHeader("Referrer-Policy", "no-referrer");
}

/** A page that made its name point at this machine (DNS rebinding) still sends its own name as Host. */
function assertHost(host: string | undefined, allowed: ReadonlySet<string>): void {
  const [, name, port] = HOST.exec(host ?? "") ?? [];
  if (name === undefined || Number(port ?? 0) > 65_535)
    throw new HttpError(400, "invalid_input", "The Host header is missing or not a host name");
  if (!allowed.has(name.toLowerCase()))
    throw new HttpError(403, "forbidden", "This server does not answer to that Host name", {
      hint: "Add the name to ALLOWED_HOSTS on the server if it is yours",
    });
}

/** Only browsers send Origin. Without it a request passes; `null` (sandboxed pages, files) never does. */
function assertOrigin(origin: string | undefined, allowed: ReadonlySet<string>): void {
  if (origin === undefined) return;
  const [, name] = ORIGIN.exec(origin) ?? [];
  if (name !== undefined && (allowed.has(origin.toLowerCase()) || allowed.has(name.toLowerCase()))) return;
  throw new HttpError(403, "forbidden", "Pages of that Origin may not use this server", {
    hint: "Add the origin to ALLOWED_ORIGINS on the server if it is yours",
  });
}
