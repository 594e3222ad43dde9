import { pipeline } from "node:stream/promises";
import { PassThrough, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import * as z from "zod";
import { Sha256 } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import {
  KnowledgePage,
  KnowledgeWritten,
  SessionLines,
  SessionPage,
  SessionWritten,
  SyncRegistration,
  WhoAmI,
  WorkspacePage,
  type WorkspaceName,
} from "../../contract/wire.ts";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { Connection, type RequestSpec } from "./connection.ts";
import { RemoteError } from "./remote-error.ts";

type Query = NonNullable<RequestSpec["query"]>;

/** What the server holds of a session: its newest revision. */
export interface StoredSession {
  bytes: number;
  sha256: string;
  revision: number;
}

/** The bytes of a transcript, or of its tail, as they are in the file; they are compressed on the way. */
export interface SessionBody {
  writeToken: string;
  /** Digest of the whole transcript. */
  sha256: string;
  content: AsyncIterable<Uint8Array>;
}

const StoredHeaders = z.object({
  bytes: z.coerce.number().int().min(0),
  sha256: Sha256,
  revision: z.coerce.number().int().min(1),
});

/** The server's HTTP API with one token. Every method throws RemoteError. */
export class Remote {
  readonly #connection: Connection;

  constructor(root: string, token: string | undefined) {
    this.#connection = new Connection(root, token);
  }

  /** Bytes of request bodies sent so far. */
  get bytesSent(): number {
    return this.#connection.bytesSent;
  }

  async whoAmI(): Promise<WhoAmI> {
    return this.#json(WhoAmI, { method: "GET", path: "/whoami" });
  }

  /** The write token is in the answer on the first registration only. `conflict` when it is another's and the proof is missing. */
  async register(
    name: WorkspaceName,
    extra: { description?: string | undefined; writeToken?: string | undefined } = {},
  ): Promise<SyncRegistration> {
    const { description, writeToken } = extra;
    return this.#json(SyncRegistration, {
      method: "POST",
      path: "/workspaces",
      headers: { "Content-Type": "application/json", "X-Workspace-Token": writeToken },
      body: JSON.stringify({ ...name, description }),
    });
  }

  async putKnowledge(
    workspaceId: string,
    path: string,
    content: Uint8Array,
    writeToken: string,
  ): Promise<KnowledgeWritten> {
    return this.#json(KnowledgeWritten, {
      method: "PUT",
      path: knowledgePath(workspaceId, path),
      headers: { "Content-Type": "text/markdown; charset=utf-8", "X-Workspace-Token": writeToken },
      body: content,
    });
  }

  /** What is stored of a session; undefined when nothing is. */
  async headSession(workspaceId: string, sessionId: string): Promise<StoredSession | undefined> {
    let response: Response;
    try {
      response = await this.#connection.send({ method: "HEAD", path: sessionPath(workspaceId, sessionId) });
    } catch (error) {
      if (error instanceof RemoteError && error.status === 404) return undefined;
      throw error;
    }
    const parsed = StoredHeaders.safeParse({
      bytes: response.headers.get("x-session-bytes"),
      sha256: response.headers.get("x-session-sha256"),
      revision: response.headers.get("x-session-revision"),
    });
    if (!parsed.success) throw strangeAnswer(parsed.error);
    return parsed.data;
  }

  /** Uploads a whole transcript. */
  async putSession(workspaceId: string, sessionId: string, body: SessionBody): Promise<SessionWritten> {
    return this.#sendSession("PUT", workspaceId, sessionId, body, {});
  }

  /** Appends what comes after the first `offset` bytes. `conflict` when the server holds another number of bytes. */
  async appendSession(
    workspaceId: string,
    sessionId: string,
    offset: number,
    body: SessionBody,
  ): Promise<SessionWritten> {
    return this.#sendSession("PATCH", workspaceId, sessionId, body, { "Upload-Offset": String(offset) });
  }

  /** The overview page: global README and index, and every workspace; as the server words it. */
  async overview(): Promise<string> {
    return (await this.#bytes({ method: "GET", path: "/overview" })).toString("utf8");
  }

  async listWorkspaces(filter: Query = {}): Promise<WorkspacePage> {
    return this.#json(WorkspacePage, { method: "GET", path: "/workspaces", query: filter });
  }

  async listKnowledge(workspaceId: string, filter: Query = {}): Promise<KnowledgePage> {
    return this.#json(KnowledgePage, {
      method: "GET",
      path: `/workspaces/${encodeURIComponent(workspaceId)}/knowledge`,
      query: filter,
    });
  }

  /** The bytes of a knowledge file; `at` may hold `version` or `as_of`. */
  async readKnowledge(workspaceId: string, path: string, at: Query = {}): Promise<Buffer> {
    return this.#bytes({ method: "GET", path: knowledgePath(workspaceId, path), query: at });
  }

  async readOverview(workspaceId: string, at: Query = {}): Promise<Buffer> {
    return this.#bytes({
      method: "GET",
      path: `/workspaces/${encodeURIComponent(workspaceId)}/overview`,
      query: at,
    });
  }

  /** Sessions of one workspace, or of all the token may see, newest first. */
  async listSessions(workspaceId: string | undefined, filter: Query = {}): Promise<SessionPage> {
    const path =
      workspaceId === undefined ? "/sessions" : `/workspaces/${encodeURIComponent(workspaceId)}/sessions`;
    return this.#json(SessionPage, { method: "GET", path, query: filter });
  }

  /** A page of a session; `range` may hold from_line, from_char, max_lines and view. */
  async readSession(workspaceId: string, sessionId: string, range: Query = {}): Promise<SessionLines> {
    return this.#json(SessionLines, {
      method: "GET",
      path: `${sessionPath(workspaceId, sessionId)}/lines`,
      query: range,
    });
  }

  /** The transcript itself, in pieces as they arrive. */
  async *downloadSession(workspaceId: string, sessionId: string): AsyncGenerator<Uint8Array> {
    const response = await this.#connection.send({
      method: "GET",
      path: sessionPath(workspaceId, sessionId),
      timeoutMs: LIMITS.client.uploadTimeoutMs,
    });
    try {
      yield* response.body ?? [];
    } catch (error) {
      throw new RemoteError("network", "The download broke off", { cause: error });
    }
  }

  async searchKnowledge(query: Query): Promise<KnowledgeAnswer> {
    return this.#json(KnowledgeAnswer, { method: "GET", path: "/search/knowledge", query });
  }

  async searchSessions(query: Query): Promise<SessionAnswer> {
    return this.#json(SessionAnswer, { method: "GET", path: "/search/sessions", query });
  }

  async #sendSession(
    method: "PUT" | "PATCH",
    workspaceId: string,
    sessionId: string,
    { writeToken, sha256, content }: SessionBody,
    headers: Record<string, string>,
  ): Promise<SessionWritten> {
    return this.#json(SessionWritten, {
      method,
      path: sessionPath(workspaceId, sessionId),
      headers: {
        ...headers,
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "X-Content-SHA256": sha256,
        "X-Workspace-Token": writeToken,
      },
      body: gzipped(content),
      timeoutMs: LIMITS.client.uploadTimeoutMs,
    });
  }

  async #bytes(spec: RequestSpec): Promise<Buffer> {
    return this.#connection.bytes(await this.#connection.send(spec));
  }

  async #json<Schema extends z.ZodType>(schema: Schema, spec: RequestSpec): Promise<z.infer<Schema>> {
    const text = (await this.#bytes(spec)).toString("utf8");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw strangeAnswer(error);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw strangeAnswer(parsed.error);
    return parsed.data;
  }
}

/** A portal of a hotel or a proxy answers 200 to everything: that is a network without our server, not a refusal. */
function strangeAnswer(cause: unknown): RemoteError {
  return new RemoteError("network", "What answers at this url is not a federated-memory server", { cause });
}

function knowledgePath(workspaceId: string, path: string): string {
  return `/workspaces/${encodeURIComponent(workspaceId)}/knowledge/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function sessionPath(workspaceId: string, sessionId: string): string {
  return `/workspaces/${encodeURIComponent(workspaceId)}/sessions/${encodeURIComponent(sessionId)}`;
}

/** The content as a gzip stream. A failure to read it ends the stream with that failure. */
async function* gzipped(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const out = new PassThrough();
  const done = pipeline(Readable.from(content, { objectMode: false }), createGzip(), out);
  // Its failure reaches the reader below through the stream; without this it would also be unhandled.
  done.catch(() => undefined);
  yield* out;
  await done;
}
