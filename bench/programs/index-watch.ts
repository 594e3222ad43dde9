import { setTimeout as sleep } from "node:timers/promises";
import { IndexStatus } from "../../contract/wire.ts";
import type { MemoryServer } from "./memory-server.ts";

const PATH = "/api/v1/admin/index";
const POLL_MS = 250;
/** Between two words about how far it is. */
const TELL_MS = 10_000;
/** Longer than any index of a corpus takes to build. */
const MOST_MS = 60 * 60 * 1000;
const NOT_FOUND = /: 404 /;

/** Waits until the server's index holds everything. Undefined for a server that keeps none. Throws after an hour. */
export async function indexReady(
  server: MemoryServer,
  progress: (text: string) => void,
): Promise<IndexStatus | undefined> {
  using admin = await server.admin();
  const deadline = performance.now() + MOST_MS;
  let toldMs = performance.now();
  while (performance.now() < deadline) {
    const index = await stateOf(() => admin.json(PATH));
    if (index === undefined || index.state === "ready") return index;
    if (performance.now() - toldMs > TELL_MS) {
      progress(`indexing: ${index.knowledge.pending} files and ${index.sessions.pending} sessions to go`);
      toldMs = performance.now();
    }
    await sleep(POLL_MS);
  }
  throw new Error("the index was not whole within an hour");
}

async function stateOf(ask: () => Promise<unknown>): Promise<IndexStatus | undefined> {
  try {
    return IndexStatus.parse(await ask());
  } catch (error) {
    if (error instanceof Error && NOT_FOUND.test(error.message)) return undefined;
    throw error;
  }
}
