import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { workspaceIdOf } from "../../contract/names.ts";
import { LAYOUT } from "../../server/storage/layout.ts";
import { writeArchiveFile } from "./archive-file.ts";
import { knowledgeFile, type GeneratedFile } from "./knowledge-file.ts";
import { generatedSession } from "./transcript.ts";
import { Writers } from "./writer.ts";

const Batch = z.object({
  root: z.string(),
  knowledgeFiles: z.number(),
  archives: z.number(),
  longBytes: z.number(),
  /** This thread makes the documents `first`, `first + step`, … */
  first: z.number(),
  step: z.number(),
});
export type Batch = z.infer<typeof Batch>;

/** Bytes that a thread wrote. */
export interface Written {
  knowledgeBytes: number;
  rawBytes: number;
  gzipBytes: number;
}

const writers = new Writers();
const batch = Batch.parse(workerData);
parentPort?.postMessage(await write(batch));

async function write({ root, knowledgeFiles, archives, longBytes, first, step }: Batch): Promise<Written> {
  const written: Written = { knowledgeBytes: 0, rawBytes: 0, gzipBytes: 0 };
  for (let index = first; index < knowledgeFiles; index += step)
    written.knowledgeBytes += await writeKnowledge(root, knowledgeFile(index, writers));
  for (let index = first; index < archives; index += step) await writeSession(root, index, written);
  // One more session, past the last: the same whoever makes it.
  if (longBytes > 0 && first === 0) await writeSession(root, archives, written, longBytes);
  return written;
}

async function writeKnowledge(
  root: string,
  { workspace, path, text, modified }: GeneratedFile,
): Promise<number> {
  const file = join(root, LAYOUT.workspaces, workspaceIdOf(workspace), LAYOUT.knowledge, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await utimes(file, modified, modified);
  return Buffer.byteLength(text);
}

async function writeSession(root: string, index: number, written: Written, bytes?: number): Promise<void> {
  const { workspace, sessionId, raw } = generatedSession(index, writers, bytes);
  const archived = { root, workspaceId: workspaceIdOf(workspace), sessionId, raw };
  written.gzipBytes += await writeArchiveFile(archived);
  written.rawBytes += raw.length;
}
