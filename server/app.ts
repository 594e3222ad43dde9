import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SECRET_PREFIXES } from "../contract/secrets.ts";
import { sha256 } from "../disk/digest.ts";
import { Admin, type AdminApi } from "./access/admin.ts";
import { uploadAdmission } from "./access/admission.ts";
import { Bindings } from "./access/binding.ts";
import { Gate } from "./access/open.ts";
import type { Principal } from "./access/principal.ts";
import { joinStorage } from "./access/join-file.ts";
import { JoinBook } from "./access/joins.ts";
import { TokenBook, type FixedToken } from "./access/tokens.ts";
import type { Config } from "./config.ts";
import { readClientFiles } from "./handing-out/client-files.ts";
import type { HttpParts } from "./http/parts.ts";
import { createHttpServer } from "./http/server.ts";
import { OfflineIndex } from "./index/offline-index.ts";
import { drain, listen } from "./listen.ts";
import { createMcpEndpoint } from "./mcp/endpoint.ts";
import type { Log } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { StoreGauges } from "./observe/store-gauges.ts";
import type { WorkMetrics } from "./observe/work-metrics.ts";
import { openBooks, type Books } from "./open-books.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { bindingKey } from "./storage/binding-key.ts";
import { loopbackUrl, removeLocalAdmin, writeLocalAdmin } from "./storage/local-admin.ts";
import { assertExists, openMemoryRoot } from "./storage/memory-root.ts";
import { KeyedMutex } from "./storage/mutex.ts";
import type { Semaphore } from "./storage/semaphore.ts";
import { tokenStorage } from "./access/token-file.ts";
import { WriteGuard } from "./storage/write-guard.ts";
import { VERSION } from "./version.ts";
import { WorkspaceRegistry } from "./workspaces/registry.ts";

/** The folder this program is installed in. */
const PROGRAM = join(import.meta.dirname, "..");

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
    const metrics = closing.use(new Metrics(VERSION));
    const stores = await openStores(config.memoryRoot, { log, metrics: metrics.work }, closing);
    const local = { token: `${SECRET_PREFIXES.admin}${randomBytes(32).toString("base64url")}` };
    const books = await openBooks(stores, { log, fixed: fixedTokens(config, local.token) }, closing);
    const state = { isOpen: true };
    const parts = await httpParts({ config, log, metrics, stores, books, state }, closing);
    const server = createHttpServer({ ...parts, rate });
    const url = await listen(server, config);
    closing.defer(() => {
      state.isOpen = false;
      return drain(server);
    });
    await writeLocalAdmin(stores.root, { url: loopbackUrl(url), token: local.token });
    closing.defer(() => removeLocalAdmin(stores.root));
    return { url, close: () => closing.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** What the HTTP edge is given. `closing` closes what is opened here. */
async function httpParts(
  { config, log, metrics, stores, books, state }: Opened,
  closing: AsyncDisposableStack,
): Promise<HttpParts> {
  const { guard, registry, index } = stores;
  const { tokens, joins } = books;
  const uploads = uploadAdmission();
  const gate = await openGate(stores, { uploads, metrics: metrics.work });
  const gauges = storeGauges(stores, uploads);
  const mcp = createMcpEndpoint({ gate, version: VERSION, log });
  closing.defer(() => mcp.close());
  const admin = new Admin({ tokens, joins, registry, index });
  const clientFiles = await readClientFiles(PROGRAM, VERSION);
  if (clientFiles === undefined)
    log.warn("the client is not built: npm ci && npm run build; until then no machine can install it");
  return {
    gate,
    authenticate: (secret) => tokens.authenticate(secret),
    redeem: (presented) => admin.redeem(presented),
    mcp,
    admin,
    clientFiles,
    log,
    metrics,
    exposition: async () => metrics.text(await gauges.families()),
    ready: () => state.isOpen && !guard.stopped,
    config: { ...config, version: VERSION },
  };
}

/** Everything that is open before the first request. */
interface Opened {
  config: Config;
  log: Log;
  metrics: Metrics;
  stores: Stores;
  books: Books;
  /** Closed when the server drains. */
  state: { isOpen: boolean };
}

async function openGate(
  { root, registry, knowledge, sessions, search, pages }: Stores,
  more: { uploads: Semaphore; metrics: WorkMetrics },
): Promise<Gate> {
  return new Gate({
    registry,
    knowledge,
    sessions,
    search,
    bindings: new Bindings(await bindingKey(root)),
    ...more,
    registrations: new KeyedMutex(),
    globalPages: () => pages.read(),
  });
}

function storeGauges({ index, guard, search }: Stores, uploads: Semaphore): StoreGauges {
  return new StoreGauges({
    index: () => index.status(),
    freeBytes: () => guard.freeBytes(),
    isWriteStopped: () => guard.stopped,
    uploadsWaiting: () => uploads.waiting,
    searchesWaiting: () => search.waiting,
  });
}

/** The admin API on the files, for the command line while no server runs. Throws `unavailable` when one does. */
export async function openAdmin(memoryRoot: string): Promise<{ admin: AdminApi } & AsyncDisposable> {
  await assertExists(memoryRoot);
  await using closing = new AsyncDisposableStack();
  const { root } = closing.use(await openMemoryRoot(memoryRoot));
  const guard = new WriteGuard(root);
  const registry = await WorkspaceRegistry.open(root, guard);
  const tokens = await TokenBook.open(tokenStorage(root, guard), []);
  const joins = await JoinBook.open(joinStorage(root, guard));
  const open = closing.move();
  const admin = new Admin({ tokens, joins, registry, index: new OfflineIndex(root) });
  return { admin, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function fixedTokens(config: Config, localAdminToken: string): FixedToken[] {
  return [
    fromEnvironment(config.aiToken, { name: "MCP_TOKEN", role: "ai" }),
    fromEnvironment(config.syncToken, { name: "SYNC_TOKEN", role: "sync" }),
    fromEnvironment(config.metricsToken, { name: "METRICS_TOKEN", role: "metrics" }),
    { secret: localAdminToken, principal: principal("local-admin", { name: "local admin", role: "admin" }) },
  ].filter((token) => token !== undefined);
}

function fromEnvironment(
  secret: string | undefined,
  who: Pick<Principal, "name" | "role">,
): FixedToken | undefined {
  if (secret === undefined) return undefined;
  return { secret, principal: principal(`env-${who.role}-${shortDigest(secret)}`, who) };
}

/** For everything that its role may. */
function principal(id: string, who: Pick<Principal, "name" | "role">): Principal {
  return { id, ...who, scope: ["*"], writeScope: ["*"] };
}

/** Tells a rotated token from its predecessor, so that bindings end with the token they were issued to. */
function shortDigest(token: string): string {
  return sha256(token).slice(0, 8);
}
