import { readFileSync } from "node:fs";
import { glob, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { IndexStatus } from "../contract/wire.ts";
import { sha256 } from "../disk/digest.ts";
import { LAYOUT } from "../server/storage/layout.ts";
import type { Corpus } from "./corpora.ts";
import type { CorpusPlan } from "./generate/corpus.ts";
import { indexReady } from "./programs/index-watch.ts";
import type { MemoryServer } from "./programs/memory-server.ts";

const ROOT = join(import.meta.dirname, "..");
/** The code that decides what the index holds. */
const SOURCES = ["server/index/**/*.ts", "contract/transcript*.ts", "contract/secrets.ts"];
/** Beside the corpus: how its index was built. */
const RECORD = "index.json";

const BuildRecord = z.object({
  /** Of the code that built it. */
  sources: z.string(),
  /** From the server's start until everything was in it; it took requests meanwhile. */
  seconds: z.number(),
  builtAt: z.string(),
});
type BuildRecord = z.infer<typeof BuildRecord>;

/** How the index of a corpus was built, once, from nothing, and the disk it takes now. */
export interface IndexBuild extends BuildRecord {
  bytes: IndexStatus["bytes"];
}

/** Throws the corpus's index away unless this very code built it, whole. Only while no server uses it. */
export async function dropForeignIndex({ folder, root }: Corpus): Promise<void> {
  const build = recordOf(folder);
  if (build !== undefined && build.sources === (await sourcesDigest())) return;
  await rm(join(folder, RECORD), { force: true });
  await rm(join(root, LAYOUT.meta, LAYOUT.index), { recursive: true, force: true });
}

/** Waits until the index is whole, and says how it was built; undefined for a server that keeps none. */
export async function builtIndex(
  { folder, plan }: Corpus,
  server: MemoryServer,
  progress: (text: string) => void,
): Promise<IndexBuild | undefined> {
  const started = performance.now();
  // Read now: the code may be changed while it works.
  const sources = await sourcesDigest();
  const index = await indexReady(server, progress);
  if (index === undefined) return undefined;
  assertWhole(index, plan);
  const { bytes } = index;
  const known = recordOf(folder);
  if (known !== undefined) return { ...known, bytes };
  const seconds = (performance.now() - started) / 1000;
  const record = { sources, seconds, builtAt: new Date().toISOString() };
  await writeFile(join(folder, RECORD), JSON.stringify(record));
  return { ...record, bytes };
}

/** An index that lacks something is fast for the wrong reason. */
function assertWhole({ knowledge, sessions }: IndexStatus, plan: CorpusPlan): void {
  const wanted = { knowledge: plan.knowledgeFiles, sessions: plan.archives + (plan.longBytes > 0 ? 1 : 0) };
  if (knowledge.indexed < wanted.knowledge || sessions.indexed < wanted.sessions)
    throw new Error(`the index lacks something: ${JSON.stringify({ knowledge, sessions, wanted })}`);
}

function recordOf(folder: string): BuildRecord | undefined {
  try {
    return BuildRecord.parse(JSON.parse(readFileSync(join(folder, RECORD), "utf8")));
  } catch {
    // None, or one of another version: the index is built anew.
    return undefined;
  }
}

async function sourcesDigest(): Promise<string> {
  const files = await Array.fromAsync(glob(SOURCES, { cwd: ROOT }));
  return sha256(
    files
      .toSorted()
      .map((file) => readFileSync(join(ROOT, file), "utf8"))
      .join("\0"),
  );
}
