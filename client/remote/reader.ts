import { LIMITS } from "../../contract/limits.ts";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { SessionLines, SessionPage, WhoAmI, WorkspacePage } from "../../contract/wire.ts";
import { Connection, type Credential, type Query } from "./connection.ts";
import { RemoteError } from "./remote-error.ts";
import { knowledgeRoute, sessionRoute, workspaceRoute } from "./routes.ts";

/** The server's reading surface with one token. Every method throws RemoteError. */
export class Reader {
  readonly #connection: Connection;

  constructor(root: string, token: Credential | undefined) {
    this.#connection = new Connection(root, token);
  }

  async whoAmI(): Promise<WhoAmI> {
    return this.#connection.json(WhoAmI, { method: "GET", path: "/whoami" });
  }

  async listWorkspaces(filter: Query): Promise<WorkspacePage> {
    return this.#connection.json(WorkspacePage, { method: "GET", path: "/workspaces", query: filter });
  }

  /** The bytes of a knowledge file or a memory; `at` may hold `version` or `as_of`. */
  async readKnowledge(workspaceId: string, path: string, at: Query): Promise<Buffer> {
    return this.#connection.bytes({ method: "GET", path: knowledgeRoute(workspaceId, path), query: at });
  }

  /** The bytes of an overview; `at` as in `readKnowledge`. */
  async readOverview(workspaceId: string, at: Query): Promise<Buffer> {
    const path = `${workspaceRoute(workspaceId)}/overview`;
    return this.#connection.bytes({ method: "GET", path, query: at });
  }

  /** Sessions of one workspace, or of all the token may see, newest first. */
  async listSessions(workspaceId: string | undefined, filter: Query): Promise<SessionPage> {
    const path = workspaceId === undefined ? "/sessions" : `${workspaceRoute(workspaceId)}/sessions`;
    return this.#connection.json(SessionPage, { method: "GET", path, query: filter });
  }

  /** A page of a session; `range` may hold from_line, from_char, max_lines and view. */
  async readSession(workspaceId: string, sessionId: string, range: Query): Promise<SessionLines> {
    const path = `${sessionRoute(workspaceId, sessionId)}/lines`;
    return this.#connection.json(SessionLines, { method: "GET", path, query: range });
  }

  /** The transcript itself, in pieces as they arrive. */
  async *downloadSession(workspaceId: string, sessionId: string): AsyncGenerator<Uint8Array> {
    const response = await this.#connection.send({
      method: "GET",
      path: sessionRoute(workspaceId, sessionId),
      timeoutMs: LIMITS.client.uploadTimeoutMs,
    });
    try {
      yield* response.body ?? [];
    } catch (error) {
      throw new RemoteError("network", "The download broke off", { cause: error });
    }
  }

  async searchKnowledge(query: Query): Promise<KnowledgeAnswer> {
    return this.#connection.json(KnowledgeAnswer, { method: "GET", path: "/search/knowledge", query });
  }

  async searchSessions(query: Query): Promise<SessionAnswer> {
    return this.#connection.json(SessionAnswer, { method: "GET", path: "/search/sessions", query });
  }
}
