import { stat } from "node:fs/promises";
import { isErrno } from "../../disk/errno.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import { keyOf } from "../outbox/enqueue.ts";
import type { Job } from "../outbox/job.ts";
import type { Claim } from "../outbox/claim.ts";
import type { Outbox, QueuedJob } from "../outbox/outbox.ts";
import type { Attempts } from "./attempts.ts";
import type { Courier } from "./courier.ts";
import type { Transcripts } from "./local-files.ts";
import { knowledgeJobKey } from "./plan.ts";
import type { Sent } from "./send.ts";

export interface DrainSurroundings {
  outbox: Outbox;
  attempts: Attempts;
  courier: Courier;
  transcripts: Transcripts;
  /** What the manifests name now, by the key of its job. Asked only when there is a job: the keys take their time. */
  tracked: () => ReadonlyMap<string, TrackedFile>;
  onFile: (file: { path: string; done: number; total: number }) => void;
}

interface DrainChoices {
  /** Also jobs that wait or are set aside. */
  retry: boolean;
}

/** Works off the due jobs, oldest first. */
export async function drainOutbox(surroundings: DrainSurroundings, choices: DrainChoices): Promise<void> {
  const { outbox, attempts, onFile } = surroundings;
  await outbox.recover();
  const due: QueuedJob[] = [];
  for (const job of await outbox.list()) if (await isDue(job, outbox, choices)) due.push(job);
  for (const [done, job] of due.entries()) {
    if (attempts.stopped) return;
    const claim = await outbox.claim(job.key);
    if (claim === undefined) continue;
    onFile({ path: job.path, done, total: due.length });
    await work(surroundings, claim);
  }
}

/** A job that was set aside is due again when its file changed since: whoever changed it may have mended it. */
async function isDue(job: QueuedJob, outbox: Outbox, { retry }: DrainChoices): Promise<boolean> {
  if (job.standing === "due") return true;
  if (job.standing === "claimed") return false;
  const asideMs = job.set_aside_at === undefined ? undefined : Date.parse(job.set_aside_at);
  const mended = asideMs !== undefined && (await mtimeOf(job.path)) > asideMs;
  if (retry || mended) await outbox.hasten(job.key);
  return retry || mended;
}

async function work(surroundings: DrainSurroundings, claim: Claim): Promise<void> {
  const { outbox, attempts } = surroundings;
  const ending = await attempts.run(claim.job, () => sendingOf(surroundings, claim.job));
  switch (ending.how) {
    case "done":
    case "gone":
      return outbox.complete(claim);
    case "stopped":
      return outbox.release(claim);
    case "failed":
      await outbox.fail(claim, ending.failure);
  }
}

/** Undefined when the file is gone, or no manifest names it any more: then its owner does not want it sent. */
async function sendingOf(
  { tracked, transcripts, courier }: DrainSurroundings,
  job: Job,
): Promise<Sent | undefined> {
  if (job.kind === "knowledge") {
    const file = tracked().get(keyOf(job));
    return file === undefined ? undefined : courier.knowledge(file);
  }
  const transcript = await transcripts.at(job.path);
  return transcript === undefined ? undefined : courier.session(transcript);
}

async function mtimeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return 0;
    throw error;
  }
}

/** The files by the keys of the jobs that would send them. */
export function byJobKey(files: readonly TrackedFile[]): ReadonlyMap<string, TrackedFile> {
  return new Map(files.map((file) => [knowledgeJobKey(file), file]));
}
