import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { AppError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { SECRET_PREFIXES } from "../contract/secrets.ts";
import { sha256 } from "../disk/digest.ts";
import { isErrno } from "../disk/errno.ts";
import { Admin, type AdminApi } from "./access/admin.ts";
import { uploadAdmission } from "./access/admission.ts";
import { Bindings } from "./access/binding.ts";
import { Gate } from "./access/open.ts";
import { TokenBook, type FixedToken } from "./access/tokens.ts";
import type { Config } from "./config.ts";
import type { HttpParts } from "./http/parts.ts";
import { createHttpServer } from "./http/server.ts";
import { OfflineIndex } from "./index/offline-index.ts";
import { SearchIndex } from "./index/search-index.ts";
import { KnowledgeStore } from "./knowledge/store.ts";
import { createMcpEndpoint } from "./mcp/endpoint.ts";
import type { Log } from "./observe/log.ts";
import { SearchEngine } from "./search/engine.ts";
import { SessionStore } from "./sessions/store.ts";
import { bindingKey } from "./storage/binding-key.ts";
import { GlobalPages } from "./storage/global-pages.ts";
import { loopbackUrl, removeLocalAdmin, writeLocalAdmin } from "./storage/local-admin.ts";
import { assertExists, openMemoryRoot } from "./storage/memory-root.ts";
import { KeyedMutex } from "./storage/mutex.ts";
import { tokenStorage } from "./access/token-file.ts";
import { WriteGuard } from "./storage/write-guard.ts";
import { VERSION } from "./version.ts";
import { WorkspaceRegistry } from "./workspaces/registry.ts";

const SERVER_CONTENT = new URL("../server_content/", import.meta.url);

/** While draining: how often connections without a request are closed. */
const IDLE_CHECK_MS = 50;

export interface App {
  /** Where the server listens, for example `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Stops accepting, finishes what runs (at most `LIMITS.http.drainMs`), releases MEMORY_ROOT. */
  close(): Promise<void>;
}

/**
 * Builds the whole server and starts it. `rate`: other request rates than `LIMITS.rate`. Throws `unavailable` when
 * the port or MEMORY_ROOT is in use.
 */
export async function openApp(config: Config, log: Log, rate: HttpParts["rate"] = {}): Promise<App> {
  const closing = new AsyncDisposableStack();
  try {
    const { root } = closing.use(await openMemoryRoot(config.memoryRoot));
    const guard = new WriteGuard(root);
    const registry = await WorkspaceRegistry.open(root, guard);
    for (const workspaceId of registry.damaged)
      log.error(
        { workspaceId },
        "the identity of a workspace is damaged; the workspace is closed until it is restored",
      );
    const knowledge = new KnowledgeStore(root, guard);
    const sessions = new SessionStore(root, guard);
    const ids = () => registry.list().map(({ id }) => id);
    const recovered = Promise.withResolvers<void>();
    // It starts while the stores recover; what they hold it learns afterwards.
    const index = closing.use(
      SearchIndex.start({
        root,
        log,
        archives: async (workspaceId, look) => {
          await recovered.promise;
          return sessions.archives(workspaceId, look);
        },
        workspaces: ids,
      }),
    );
    const search = new SearchEngine({
      root,
      archives: (workspaceId) => sessions.archives(workspaceId),
      index,
    });
    closing.defer(() => search.close());
    search.warmUp();
    await knowledge.recover(ids());
    await sessions.recover(ids());
    recovered.resolve();
    const pages = new GlobalPages(root);
    await pages.seed(SERVER_CONTENT);
    await index.opened;
    knowledge.listen((workspaceId, path) => index.knowledgeChanged(workspaceId, path));
    sessions.listen((workspaceId) => index.sessionsChanged(workspaceId));

    const local = { token: `${SECRET_PREFIXES.admin}${randomBytes(32).toString("base64url")}` };
    const tokens = await TokenBook.open(tokenStorage(root, guard), fixedTokens(config, local.token));
    // A server whose disk fails still stops in order; when tokens were last used is not worth more.
    const saveLastUsed = () =>
      tokens
        .saveLastUsed()
        .catch((error: unknown) => log.error({ err: error }, "last use of tokens not saved"));
    closing.defer(saveLastUsed);
    const saving = setInterval(() => void saveLastUsed(), LIMITS.tokens.saveLastUsedMs);
    closing.defer(() => clearInterval(saving));

    const gate = new Gate({
      registry,
      knowledge,
      sessions,
      search,
      bindings: new Bindings(await bindingKey(root)),
      uploads: uploadAdmission(),
      registrations: new KeyedMutex(),
      globalPages: () => pages.read(),
    });
    const mcp = createMcpEndpoint({ gate, version: VERSION, log });
    closing.defer(() => mcp.close());
    let ready = true;
    const server = createHttpServer({
      gate,
      authenticate: (secret) => tokens.authenticate(secret),
      mcp,
      admin: new Admin({ tokens, registry, index }),
      log,
      rate,
      ready: () => ready && !guard.stopped,
      config: { ...config, version: VERSION },
    });
    const url = await listen(server, config);
    closing.defer(() => {
      ready = false;
      return drain(server);
    });
    await writeLocalAdmin(root, { url: loopbackUrl(url), token: local.token });
    closing.defer(() => removeLocalAdmin(root));
    return { url, close: () => closing.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** The admin API on the files, for the command line while no server runs. Throws `unavailable` when one does. */
export async function openAdmin(memoryRoot: string): Promise<{ admin: AdminApi } & AsyncDisposable> {
  await assertExists(memoryRoot);
  await using closing = new AsyncDisposableStack();
  const { root } = closing.use(await openMemoryRoot(memoryRoot));
  const guard = new WriteGuard(root);
  const registry = await WorkspaceRegistry.open(root, guard);
  const tokens = await TokenBook.open(tokenStorage(root, guard), []);
  const open = closing.move();
  const admin = new Admin({ tokens, registry, index: new OfflineIndex(root) });
  return { admin, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function fixedTokens(config: Config, localAdminToken: string): FixedToken[] {
  const everything = ["*"];
  const fixed: FixedToken[] = [
    {
      secret: config.aiToken,
      principal: {
        id: `env-ai-${fingerprint(config.aiToken)}`,
        name: "MCP_TOKEN",
        role: "ai",
        scope: everything,
      },
    },
    {
      secret: localAdminToken,
      principal: { id: "local-admin", name: "local admin", role: "admin", scope: everything },
    },
  ];
  if (config.syncToken !== undefined)
    fixed.push({
      secret: config.syncToken,
      principal: {
        id: `env-sync-${fingerprint(config.syncToken)}`,
        name: "SYNC_TOKEN",
        role: "sync",
        scope: everything,
      },
    });
  return fixed;
}

/** Tells a rotated token from its predecessor, so that bindings end with the token they were issued to. */
function fingerprint(token: string): string {
  return sha256(token).slice(0, 8);
}

async function listen(server: ReturnType<typeof createHttpServer>, config: Config): Promise<string> {
  try {
    server.listen(config.port, config.host);
    await once(server, "listening");
  } catch (error) {
    if (isErrno(error, "EADDRINUSE"))
      throw new AppError("unavailable", `Port ${config.port} on ${config.host} is already in use`, {
        hint: "Stop what is using it, or choose another with PORT=…",
      });
    if (isErrno(error, "EACCES", "EADDRNOTAVAIL", "ENOTFOUND"))
      throw new AppError("unavailable", `Cannot listen on ${config.host}:${config.port} (${error.code})`);
    throw error;
  }
  return addressOf(server.address(), config.host);
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://${hostPort(host, address.port)}`;
}

function hostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Lets running requests end, then closes whatever is still open. A connection goes as soon as it has nothing to do. */
async function drain(server: ReturnType<typeof createHttpServer>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const late = setTimeout(() => server.closeAllConnections(), LIMITS.http.drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
