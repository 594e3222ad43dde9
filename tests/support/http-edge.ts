import { once } from "node:events";
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestOptions,
  type Server,
} from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { sha256 } from "../../disk/digest.ts";
import type { Principal } from "../../server/access/principal.ts";
import type {
  Directory,
  ReadableWorkspace,
  SessionUpload,
  UploadWorkspace,
} from "../../server/access/workspace.ts";
import type { HttpConfig, HttpGate, HttpParts } from "../../server/http/parts.ts";
import { createHttpServer } from "../../server/http/server.ts";
import { createLog } from "../../server/observe/log.ts";
import { ClientReports } from "../../server/observe/client-reports.ts";
import { RequestMetrics } from "../../server/observe/request-metrics.ts";

export const EDGE_TOKENS = {
  ai: "edge-ai-token-0123456789",
  sync: "edge-sync-token-0123456789",
  admin: "edge-admin-token-0123456789",
} as const;

interface EdgeOptions {
  config?: Partial<HttpConfig>;
  rate?: HttpParts["rate"];
  /** What an upload does with its source; by default it reads it to the end. */
  upload?: (upload: SessionUpload) => Promise<void>;
  /** What opening a session for download gives. */
  download?: ReadableWorkspace["openSession"];
  /** Thrown by every listing. */
  failure?: Error;
  /** What machines install; by default it is not built. */
  clientFiles?: HttpParts["clientFiles"];
  /** What a join code is exchanged for; by default none works. */
  redeem?: HttpParts["redeem"];
  /** What serves `/mcp`; by default it answers with the body it was given. */
  mcp?: HttpParts["mcp"];
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: unknown;
}

/** The HTTP edge alone, on a port of its own, in front of a gate that opens next to nothing. */
export class HttpEdge implements AsyncDisposable {
  readonly port: number;
  readonly logLines: string[];
  readonly #server: Server;

  private constructor(server: Server, port: number, logLines: string[]) {
    this.#server = server;
    this.port = port;
    this.logLines = logLines;
  }

  static async start(options: EdgeOptions = {}): Promise<HttpEdge> {
    const lines: string[] = [];
    const server = createHttpServer(partsOf(options, (line) => lines.push(line)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return new HttpEdge(server, address.port, lines);
  }

  /** One request, sent as it is: no header is added but Host. */
  async ask(
    path: string,
    { body, ...options }: RequestOptions & { body?: string | Buffer } = {},
  ): Promise<Answer> {
    const request = httpRequest({ host: "127.0.0.1", port: this.port, path, agent: false, ...options });
    // A refused body makes writing fail after the answer came; what counts is the answer.
    request.on("error", () => {});
    request.end(body);
    const [response] = await once(request, "response");
    const answer = await text(response);
    return { status: response.statusCode, headers: response.headers, text: answer, json: jsonOf(answer) };
  }

  /** Raw bytes over a socket; everything that comes back until the server closes. */
  async exchange(bytes: string): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    socket.write(bytes, "latin1");
    return text(socket);
  }

  /** Sends bytes, then hangs up without waiting for anything but their departure. */
  async hangUpAfter(bytes: string): Promise<void> {
    const socket = connect(this.port, "127.0.0.1");
    await new Promise((sent) => socket.write(bytes, "latin1", sent));
    socket.resetAndDestroy();
  }

  /** Log entries, parsed. Complete once the answers' connections are over. */
  get log(): Record<string, unknown>[] {
    return this.logLines.map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function partsOf(options: EdgeOptions, write: (line: string) => void): HttpParts {
  return {
    gate: new EmptyGate(options),
    authenticate: principalOf,
    redeem: options.redeem ?? (async () => undefined),
    mcp: options.mcp ?? {
      handle: (_request, response, { body }) => {
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ received: body }));
      },
    },
    admin: {
      createToken: () => unused(),
      listTokens: async () => [],
      revokeToken: () => unused(),
      createJoin: () => unused(),
      listJoins: async () => [],
      revokeJoin: () => unused(),
      reissue: () => unused(),
      revokeBindings: () => unused(),
      indexStatus: () => unused(),
      rebuildIndex: () => unused(),
    },
    clientFiles: options.clientFiles,
    log: createLog({ write }),
    metrics: { requests: new RequestMetrics(), clients: new ClientReports() },
    exposition: async () => "",
    ready: () => true,
    config: {
      allowedHosts: ["127.0.0.1", "localhost", "[::1]"],
      allowedOrigins: ["localhost", "https://memory.example"],
      publicUrl: "http://127.0.0.1:8000",
      version: "0.0.0",
      trustProxy: false,
      ...options.config,
    },
    ...(options.rate && { rate: options.rate }),
  };
}

function principalOf(secret: string): Principal | undefined {
  for (const role of ["ai", "sync", "admin"] as const)
    if (secret === EDGE_TOKENS[role])
      return { id: `edge-${role}`, name: role, role, scope: ["*"], writeScope: ["*"] };
  return undefined;
}

/** Lists nothing, opens every workspace for upload and download, and for nothing else. */
class EmptyGate implements HttpGate {
  readonly #options: EdgeOptions;

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  all(): Directory {
    const page = async () => {
      if (this.#options.failure !== undefined) throw this.#options.failure;
      return { entries: [] };
    };
    const answer = async () => ({ hits: [], partial: false });
    return {
      overview: async () => ({ readme: "", index: "", workspaces: await page() }),
      workspaces: page,
      listSessions: page,
      searchKnowledge: answer,
      searchSessions: answer,
      registerForAi: () => unused(),
      registerForSync: () => unused(),
    };
  }

  read(_principal: Principal, id: string): ReadableWorkspace {
    const { download = unused } = this.#options;
    return {
      id,
      summary: unused,
      readOverview: unused,
      listKnowledge: unused,
      openKnowledge: unused,
      pageOverview: unused,
      readKnowledge: unused,
      listSessions: unused,
      session: unused,
      readSession: unused,
      openSession: download,
    };
  }

  own(): never {
    return unused();
  }

  upload(_principal: Principal, id: string): UploadWorkspace {
    const { upload = drained } = this.#options;
    return {
      id,
      uploadKnowledge: async (path, content) => ({
        status: "created",
        path,
        version: 1,
        sha256: sha256(content),
      }),
      uploadSession: async (session) => {
        await upload(session);
        return {
          status: "created",
          session_id: session.sessionId,
          sha256: sha256(""),
          bytes: 0,
          lines: 0,
          revision: 1,
        };
      },
    };
  }
}

async function drained({ source }: SessionUpload): Promise<void> {
  for await (const _ of source) continue;
}

function unused(): never {
  throw new Error("the edge's tests do not get here");
}
