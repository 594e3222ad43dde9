import { createHash } from "node:crypto";
import type { Home } from "../home/home.ts";
import { makeBoxes, writeWaiting } from "./boxes.ts";
import type { Job } from "./job.ts";

/** Two jobs with one key are the same work. */
export function keyOf(job: Pick<Job, "kind" | "path" | "workspace_id" | "upload">): string {
  const parts = [job.kind, job.path, job.workspace_id ?? "", job.upload ?? ""];
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
}

export function fileNameOf(key: string): string {
  return `${key}.json`;
}

/** The text of a job's file. */
export function textOf(job: Job): string {
  return `${JSON.stringify(job)}\n`;
}

/**
 * Adds a job durably: when this returns, a power cut does not lose it. A job already waiting stays as it is; one
 * that somebody works on right now is added again, for its file may have grown since. Loads nothing but `node:`
 * modules, for it runs in hooks.
 */
export async function enqueue(home: Home, job: Job): Promise<void> {
  await makeBoxes(home, ["tmp", "new"]);
  await writeWaiting(home, fileNameOf(keyOf(job)), { text: textOf(job), present: "stays" });
}
