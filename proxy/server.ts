import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { LIMITS } from "../contract/limits.ts";
import type { ProxyConfig } from "./config.ts";
import { exchange } from "./http/exchange.ts";
import type { ForwardParts } from "./http/forward.ts";
import type { Log } from "./log.ts";
import type { Waits } from "./http/phases.ts";
import { Upstream } from "./http/upstream.ts";
import { Threads } from "./rewrite/threads.ts";

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
  const parts: ForwardParts = { config, upstream, threads: new Threads(), log };
  // No time for whole requests: a body may take as long as it moves, and answers take minutes.
  const server = createServer(
    { maxHeaderSize: LIMITS.proxy.headBytes, requestTimeout: 0 },
    (request, response) => {
      // Whatever happens in it is answered and logged there.
      void exchange(request, response, parts);
    },
  );
  server.listen(config.port, config.host);
  await once(server, "listening");
  return { url: urlOf(server, config.host), close: () => close(server, upstream) };
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
