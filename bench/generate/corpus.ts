import { Worker } from "node:worker_threads";
import { workspaceIdOf } from "../../contract/names.ts";
import { openRoot } from "../../server/storage/format.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import type { Batch, Written } from "./corpus-worker.ts";
import { WORKSPACES } from "./workspaces.ts";

/** What is in a corpus. */
export interface CorpusPlan {
  knowledgeFiles: number;
  archives: number;
  /** Raw bytes of one more session, which is in no other's way; 0 for none. */
  longBytes: number;
}

/** What a corpus turned out to be. */
export interface CorpusFacts extends Written {
  seconds: number;
}

/** Each is a thread with threads of its own for deflating. */
const WORKERS = 2;

/** Fills a MEMORY_ROOT that is not there yet. */
export async function writeCorpus(root: string, plan: CorpusPlan): Promise<CorpusFacts> {
  const started = performance.now();
  await openRoot(root);
  const registry = await WorkspaceRegistry.open(root, new WriteGuard(root));
  for (const workspace of WORKSPACES) {
    const { identity } = await registry.register(workspace);
    if (identity.id !== workspaceIdOf(workspace)) throw new Error(`${identity.id} is not as expected`);
  }
  const batches = Array.from({ length: WORKERS }, (_, first) => ({ root, ...plan, first, step: WORKERS }));
  const parts = await Promise.all(batches.map(inThread));
  return { ...parts.reduce(together), seconds: (performance.now() - started) / 1000 };
}

function inThread(batch: Batch): Promise<Written> {
  const worker = new Worker(new URL("./corpus-worker.ts", import.meta.url), { workerData: batch });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a generator ended with ${code}`)));
  });
}

function together(a: Written, b: Written): Written {
  return {
    knowledgeBytes: a.knowledgeBytes + b.knowledgeBytes,
    rawBytes: a.rawBytes + b.rawBytes,
    gzipBytes: a.gzipBytes + b.gzipBytes,
  };
}
