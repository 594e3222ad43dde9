import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { SyncRegistration, type WorkspaceName } from "../../contract/wire.ts";
import { openApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/observe/log.ts";
import { tempFolder } from "./temp-folder.ts";

export const AI_TOKEN = "test-ai-token-0123456789abcdef";
export const SYNC_TOKEN = "test-sync-token-0123456789abcdef";

/** A real server in this process, on a port of its own and a MEMORY_ROOT that removes itself. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly root: string;
  readonly tokens: { ai: string; sync: string };
  /** A request to `/api/v1/<path>`; `token` defaults to the AI token. */
  api(path: string, init?: RequestInit & { token?: string }): Promise<Response>;
  /** A real MCP client, connected. Close it, or let the server's end do it. */
  connect(token: string): Promise<Client>;
  connectAi(): Promise<Client>;
  connectSync(): Promise<Client>;
  /** Registers with the sync token; the write token is there on the first registration. */
  register(name: WorkspaceName): Promise<{ id: string; writeToken: string }>;
}

export interface ServerOptions {
  /** Use this folder, and leave it there, instead of a new one. */
  root?: string;
  env?: Record<string, string>;
  /** Other request rates than the product's, for tests that send very many. */
  rate?: { requestsPerMinute?: number; failuresPerMinute?: number };
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const stack = new AsyncDisposableStack();
  const root = options.root ?? stack.use(await tempFolder()).path;
  const env = {
    MCP_TOKEN: AI_TOKEN,
    SYNC_TOKEN,
    MEMORY_ROOT: root,
    PORT: "0",
    LOG_LEVEL: "silent",
    ...options.env,
  };
  const config = readConfig({ dev: false }, env);
  const app = await openApp(config, createLog({ level: config.logLevel }), options.rate);
  stack.defer(() => app.close());
  const tokens = { ai: config.aiToken, sync: config.syncToken ?? "" };

  const api: TestServer["api"] = (path, init = {}) => {
    const { token = tokens.ai, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    return fetch(`${app.url}/api/v1/${path}`, { ...rest, headers });
  };
  const connect: TestServer["connect"] = async (token) => {
    const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), { requestInit }));
    stack.defer(() => client.close());
    return client;
  };
  const register: TestServer["register"] = async (name) => {
    const body = JSON.stringify(name);
    const headers = { "content-type": "application/json" };
    const response = await api("workspaces", { method: "POST", body, headers, token: tokens.sync });
    const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(await response.json());
    return { id, writeToken };
  };
  return {
    url: app.url,
    root,
    tokens,
    api,
    connect,
    connectAi: () => connect(tokens.ai),
    connectSync: () => connect(tokens.sync),
    register,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
