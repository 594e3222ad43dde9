import * as z from "zod";
import { Sha256 } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import {
  KnowledgeWritten,
  SessionWritten,
  SyncRegistration,
  type WorkspaceName,
} from "../../contract/wire.ts";
import { strangeAnswer } from "./answer.ts";
import { chunkMembers } from "./chunk-members.ts";
import { Connection, type Credential } from "./connection.ts";
import { RemoteError } from "./remote-error.ts";
import { knowledgeRoute, sessionRoute } from "./routes.ts";

/** What the server holds of a session: its newest revision. */
export interface StoredSession {
  bytes: number;
  sha256: string;
  revision: number;
}

/** A transcript, or its tail; it is compressed on the way. */
export interface SessionBody {
  writeToken: string;
  /** Digest of the whole transcript. */
  sha256: string;
  /** Its bytes as they are in the file, from the start each time. */
  read: () => AsyncIterable<Uint8Array>;
}

const StoredHeaders = z.object({
  bytes: z.coerce.number().int().min(0),
  sha256: Sha256,
  revision: z.coerce.number().int().min(1),
});

/** The server's feeding surface with a sync token: registration and uploads. Every method throws RemoteError. */
export class Feeder {
  readonly #connection: Connection;

  constructor(root: string, token: Credential) {
    this.#connection = new Connection(root, token);
  }

  /** Bytes of the request bodies that the server took. */
  get bytesSent(): number {
    return this.#connection.bytesSent;
  }

  /** From now on every request says this of the machine's outbox: the header `X-Memory-Sync`. */
  report(text: string): void {
    this.#connection.report = text;
  }

  /** Says it at once, with nothing else to ask. */
  async tell(text: string): Promise<void> {
    this.report(text);
    await this.#connection.bytes({ method: "GET", path: "/whoami" });
  }

  /** The write token is in the answer on the first registration only. `conflict` when it is another's and the proof is missing. */
  async register(
    name: WorkspaceName,
    extra: { description?: string | undefined; writeToken?: string | undefined } = {},
  ): Promise<SyncRegistration> {
    const { description, writeToken } = extra;
    return this.#connection.json(SyncRegistration, {
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
    return this.#connection.json(KnowledgeWritten, {
      method: "PUT",
      path: knowledgeRoute(workspaceId, path),
      headers: { "Content-Type": "text/markdown; charset=utf-8", "X-Workspace-Token": writeToken },
      body: content,
    });
  }

  /** What is stored of a session; undefined when nothing is. */
  async headSession(workspaceId: string, sessionId: string): Promise<StoredSession | undefined> {
    let response: Response;
    try {
      response = await this.#connection.send({ method: "HEAD", path: sessionRoute(workspaceId, sessionId) });
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

  async #sendSession(
    method: "PUT" | "PATCH",
    workspaceId: string,
    sessionId: string,
    { writeToken, sha256, read }: SessionBody,
    headers: Record<string, string>,
  ): Promise<SessionWritten> {
    const send = (encoding: "gzip" | "identity") =>
      this.#connection.json(SessionWritten, {
        method,
        path: sessionRoute(workspaceId, sessionId),
        headers: {
          ...headers,
          "Content-Type": "application/x-ndjson",
          "Content-Encoding": encoding,
          "X-Content-SHA256": sha256,
          "X-Workspace-Token": writeToken,
        },
        body: encoding === "gzip" ? chunkMembers(read()) : read(),
        timeoutMs: LIMITS.client.uploadTimeoutMs,
      });
    try {
      return await send("gzip");
    } catch (error) {
      // What repeats itself without end looks like a gzip bomb; as it is, the server can judge it by its size.
      if (!(error instanceof RemoteError && error.status === 413)) throw error;
      return send("identity");
    }
  }
}
