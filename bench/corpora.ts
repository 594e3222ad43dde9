import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { workspaceIdOf } from "../contract/names.ts";
import { LIMITS } from "../contract/limits.ts";
import { ARCHIVE_SUFFIX, LAYOUT } from "../server/storage/layout.ts";
import { countLineFeeds } from "../server/storage/line-feeds.ts";
import { cached, type Cached } from "./cache.ts";
import { writeCorpus, type CorpusFacts, type CorpusPlan } from "./generate/corpus.ts";
import { generatedSession } from "./generate/transcript.ts";
import { WORKSPACES, type CorpusWorkspace } from "./generate/workspaces.ts";
import { Writers } from "./generate/writer.ts";

const CorpusFactsSchema = z.object({
  knowledgeBytes: z.number(),
  rawBytes: z.number(),
  gzipBytes: z.number(),
  seconds: z.number(),
});

/** A MEMORY_ROOT full of generated documents. */
export interface Corpus extends Cached<CorpusFacts> {
  root: string;
  plan: CorpusPlan;
}

/** The corpus of this plan, from the cache or made now. */
export async function corpusOf(name: string, plan: CorpusPlan): Promise<Corpus> {
  const entry = await cached({
    name,
    // Archives with other chunks are other files.
    plan: { ...plan, chunkBytes: LIMITS.sessions.chunkBytes },
    make: (folder) => writeCorpus(join(folder, "root"), plan),
    parse: (kept) => CorpusFactsSchema.parse(kept),
  });
  return { ...entry, root: join(entry.folder, "root"), plan };
}

/** The folders that hold the knowledge, or the archives, of these workspaces. */
export function foldersOf(
  { root }: Corpus,
  kind: "knowledge" | "sessions",
  among: (workspace: CorpusWorkspace) => boolean = () => true,
): string[] {
  return WORKSPACES.filter(among).map((workspace) =>
    join(root, LAYOUT.workspaces, workspaceIdOf(workspace), LAYOUT[kind]),
  );
}

/** The one long session of a corpus. */
export interface LongSession {
  workspaceId: string;
  sessionId: string;
  /** Its archive's file. */
  archive: string;
  lines: number;
}

/** Finds the long session among the archives. Throws when the corpus has none. */
export async function longSession({ root, plan }: Corpus): Promise<LongSession> {
  if (plan.longBytes === 0) throw new Error("this corpus has no long session");
  const { workspace, sessionId, raw } = generatedSession(plan.archives, new Writers(), plan.longBytes);
  const workspaceId = workspaceIdOf(workspace);
  const folder = join(root, LAYOUT.workspaces, workspaceId, LAYOUT.sessions);
  const names = await readdir(folder, { recursive: true });
  const name = names.find((each) => each.endsWith(`${sessionId}${ARCHIVE_SUFFIX}`));
  if (name === undefined) throw new Error(`the long session ${sessionId} is not in its workspace`);
  return { workspaceId, sessionId, archive: join(folder, name), lines: countLineFeeds(raw) };
}
