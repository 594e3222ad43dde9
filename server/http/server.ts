import { createServer, type Server } from "node:http";
import { LIMITS } from "../../contract/limits.ts";
import { createHttpApp } from "./app.ts";
import type { HttpParts } from "./parts.ts";

/** The server around the app, with the limits that only node:http can keep. Listens nowhere yet. */
export function createHttpServer(parts: HttpParts): Server {
  const app = createHttpApp(parts);
  const { http } = LIMITS;
  const server = createServer(
    {
      maxHeaderSize: http.headBytes,
      headersTimeout: http.headTimeoutMs,
      // Node knows one time for whole requests. Uploads need the long one; bodies of other routes have their own.
      requestTimeout: http.uploadTimeoutMs + http.requestTimeoutMs,
      connectionsCheckingInterval: http.connectionsCheckMs,
      keepAliveTimeout: http.idleTimeoutMs,
    },
    app,
  );
  // Node drops the lines beyond this count silently; one more than allowed lets the guard see and refuse them.
  server.maxHeadersCount = http.headLines + 1;
  server.maxConnections = http.connections;
  // Zero is "any number": a limit would answer good clients 503.
  server.maxRequestsPerSocket = 0;
  server.timeout = http.uploadTimeoutMs;
  // Without this node:http would invite every body before anyone knows whose it is.
  server.on("checkContinue", app);
  return server;
}
