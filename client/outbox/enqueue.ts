import { createHash } from "node:crypto";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { TempFile } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { Home } from "../home/home.ts";
import type { Job } from "./job.ts";

/**
 * The four folders of the queue. A job is written in `tmp`, waits in `new`, is renamed into `cur` by whoever works
 * on it (the name then carries the claimer), and ends in `done`.
 */
export const BOXES = ["tmp", "new", "cur", "done"] as const;
export type Box = (typeof BOXES)[number];

export function boxPath(home: Home, box: Box): string {
  return join(home.queue, box);
}

/** Two jobs with one key are the same work. */
export function keyOf(job: Pick<Job, "kind" | "path" | "workspace_id" | "upload">): string {
  const parts = [job.kind, job.path, job.workspace_id ?? "", job.upload ?? ""];
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
}

export function fileNameOf(key: string): string {
  return `${key}.json`;
}

/**
 * Adds a job durably: when this returns, a power cut does not lose it. A job already waiting stays as it is; one
 * that somebody works on right now is added again, for its file may have grown since. Loads nothing but `node:`
 * modules, for it runs in hooks.
 */
export async function enqueue(home: Home, job: Job): Promise<void> {
  await makeBoxes(home);
  const name = fileNameOf(keyOf(job));
  if (await exists(join(boxPath(home, "new"), name))) return;
  await writeJob(home, name, job);
}

/** Writes a job file into `new`, in place of one of the same name. */
export async function writeJob(home: Home, name: string, job: Job): Promise<void> {
  await using temporary = await Folder.open(boxPath(home, "tmp"));
  await using waiting = await Folder.open(boxPath(home, "new"));
  await using file = await TempFile.create(temporary);
  await file.write(Buffer.from(`${JSON.stringify(job)}\n`));
  await file.finish();
  await file.moveTo(name, waiting);
  await waiting.sync();
}

export async function makeBoxes(home: Home): Promise<void> {
  for (const box of BOXES) await makeFolders(boxPath(home, box));
}

/** Names of the files in a box; none when the box does not exist yet. */
export async function namesIn(home: Home, box: Box): Promise<string[]> {
  try {
    return (await readdir(boxPath(home, box))).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
