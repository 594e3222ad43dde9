import type { IncomingMessage, ServerResponse } from "node:http";
import type { AdminApi } from "../access/admin.ts";
import type { Gate } from "../access/open.ts";
import type { Principal } from "../access/principal.ts";
import type { Log } from "../observe/log.ts";

/** What the HTTP edge asks of the gate. */
export type HttpGate = Pick<Gate, "all" | "read" | "own" | "upload">;

export interface HttpConfig {
  /** Host names, without ports, under which the server may be asked. IPv6 in brackets. */
  allowedHosts: readonly string[];
  /** Whole origins (`https://memory.example`) or host names whose http(s) origins may ask on any port. */
  allowedOrigins: readonly string[];
  /** Where clients reach the server, for example `http://127.0.0.1:8000`. */
  publicUrl: string;
  version: string;
  /** Whether X-Forwarded-For was written by a proxy of ours. */
  trustProxy: boolean;
}

/** Everything the HTTP edge is given. It reaches nothing else of the server. */
export interface HttpParts {
  gate: HttpGate;
  /** Compares in constant time; undefined for an unknown, expired or revoked secret. */
  authenticate(secret: string): Principal | undefined;
  mcp: {
    /** Serves one MCP request whose caller is in `request.auth.extra.principal`; `parsedBody` is its checked JSON. */
    handle(request: IncomingMessage, response: ServerResponse, parsedBody?: unknown): unknown;
  };
  admin: AdminApi;
  log: Log;
  /** False until the server may serve, and again while it drains. */
  ready(): boolean;
  config: HttpConfig;
  /** Other rates than `LIMITS.rate` says. */
  rate?: { requestsPerMinute?: number; failuresPerMinute?: number };
}
