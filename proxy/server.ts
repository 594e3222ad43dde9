import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LIMITS } from "../contract/limits.ts";
import type { ProxyConfig } from "./config.ts";
import { endWithFault } from "./error-answer.ts";
import { factsOf, logExchange } from "./facts.ts";
import { ProxyFault } from "./fault.ts";
import { forward, type ForwardParts } from "./forward.ts";
import type { Log } from "./log.ts";
import type { Waits } from "./phases.ts";
import { report } from "./report.ts";
import { isAdmitted } from "./secret.ts";
import { Upstream } from "./upstream.ts";

/** A proxy that listens. */
export interface RunningProxy {
  url: string;
  /** Accepts nothing more, lets run what runs, for `proxy.drainMs` at most, and resolves when all is closed. */
  close(): Promise<void>;
}

/** While closing: how often connections without a request are closed. */
const IDLE_CHECK_MS = 50;

/** Starts listening. Throws the system's error when that cannot be. */
export async function startProxy(
  config: ProxyConfig,
  log: Log,
  waits: Waits = LIMITS.proxy,
): Promise<RunningProxy> {
  const upstream = new Upstream(config, waits);
  const parts: ForwardParts = { config, upstream, log };
  // No time for whole requests: a body may take as long as it moves, and answers take minutes.
  const server = createServer(
    { maxHeaderSize: LIMITS.proxy.headBytes, requestTimeout: 0 },
    (request, response) => {
      // Whatever happens in it is answered and logged there.
      void serve(request, response, parts);
    },
  );
  server.listen(config.port, config.host);
  await once(server, "listening");
  return { url: urlOf(server, config.host), close: () => close(server, upstream) };
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: ForwardParts): Promise<void> {
  // The API's own date is passed on, and ours would stand beside it.
  response.sendDate = false;
  const started = performance.now();
  // A request that is over may not know its connection any more.
  const { socket } = request;
  const before = socket.bytesWritten;
  const facts = factsOf(request.url ?? "/");
  limitSilence(request, response);
  try {
    if (answersHealth(request, response, facts.path)) return;
    assertAllowed(request, facts.path, parts.config.secret);
    response.once("close", () => {
      const bytes = socket.bytesWritten - before;
      const end = { ms: performance.now() - started, bytes, isCut: !response.writableFinished };
      logExchange(parts.log, { ...facts, status: facts.status ?? response.statusCode }, end);
    });
    await forward(request, response, { facts, started, parts });
  } catch (error) {
    if (!response.destroyed) report(parts.log, error, { path: facts.path, hasBegun: response.headersSent });
    endWithFault(request, response, error);
  }
}

/** A body that stops coming holds a connection for nothing. Between two requests Node has a limit of its own. */
function limitSilence(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  request.setTimeout(LIMITS.proxy.idleMs, () => request.destroy());
  request.once("end", () => {
    if (!response.writableEnded) socket.setTimeout(0);
  });
}

function answersHealth({ method }: IncomingMessage, response: ServerResponse, path: string): boolean {
  if (path !== "/health" || (method !== "GET" && method !== "HEAD")) return false;
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": 2 });
  response.end("ok");
  return true;
}

function assertAllowed(request: IncomingMessage, path: string, secret: string | undefined): void {
  if (!isAdmitted(request, secret))
    throw new ProxyFault(401, "The memory proxy wants its secret in the header x-memory-proxy-secret");
  // What the API would make of dots in a path is known to it alone.
  const isPlain = path.startsWith("/v1/") && new URL(path, "http://localhost").pathname === path;
  if (!isPlain) throw new ProxyFault(404, "The memory proxy passes on what is below /v1/");
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

async function close(server: Server, upstream: Upstream): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const late = setTimeout(() => server.closeAllConnections(), LIMITS.proxy.drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
  upstream[Symbol.dispose]();
}
