import type { IncomingMessage, ServerResponse } from "node:http";
import type { AdminApi } from "../access/admin.ts";
import type { Gate } from "../access/open.ts";
import type { Principal } from "../access/principal.ts";
import type { MachineTokens, PresentedCode } from "../access/redeem-join.ts";
import type { ClientFiles } from "../handing-out/client-files.ts";
import type { ClientReports } from "../observe/client-reports.ts";
import type { Log } from "../observe/log.ts";
import type { RequestMetrics } from "../observe/request-metrics.ts";

/** What the HTTP edge asks of the gate. */
export type HttpGate = Pick<Gate, "all" | "read" | "own" | "upload">;

export interface HttpConfig {
  /** Host names, without ports, under which the server may be asked. IPv6 in brackets. */
  allowedHosts: readonly string[];
  /** Whole origins (`https://memory.example`) or host names whose http(s) origins may ask on any port. */
  allowedOrigins: readonly string[];
  /** Where clients reach the server, for example `https://memory.example`; undefined: under the name they ask for. */
  publicUrl: string | undefined;
  version: string;
  /** Whether X-Forwarded-For was written by a proxy of ours. */
  trustProxy: boolean;
}

/** What is known of an MCP request when it reaches its handler. */
export interface RpcCall {
  principal: Principal;
  /** The id under which the request is logged. */
  requestId: string;
  /** The JSON body of a POST; its size, depth and number of elements are checked. */
  body: unknown;
}

/** Everything the HTTP edge is given. It reaches nothing else of the server. */
export interface HttpParts {
  gate: HttpGate;
  /** Compares in constant time; undefined for an unknown, expired or revoked secret. */
  authenticate(secret: string): Principal | undefined;
  /** Exchanges a join code for a machine's own tokens; undefined for one that does not work. */
  redeem(presented: PresentedCode): Promise<MachineTokens | undefined>;
  mcp: {
    /** Answers one MCP request of any method. */
    handle(request: IncomingMessage, response: ServerResponse, call: RpcCall): unknown;
  };
  admin: AdminApi;
  /** Undefined when the client is not built. */
  clientFiles: ClientFiles | undefined;
  log: Log;
  /** What the edge counts, and what machines say of themselves. */
  metrics: { requests: RequestMetrics; clients: ClientReports };
  /** All that is counted, as text of the type `EXPOSITION_TYPE`. */
  exposition(): Promise<string>;
  /** False until the server may serve, and again while it drains. */
  ready(): boolean;
  config: HttpConfig;
  /** Other rates than `LIMITS.rate` says. */
  rate?: { requestsPerMinute?: number; failuresPerMinute?: number };
}
