import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { linkOrCopy, TempFile } from "../../disk/atomic-file.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { Home } from "../home/home.ts";

/**
 * The four folders of the queue. A job is written in `tmp`, waits in `new`, is renamed into `cur` by whoever works
 * on it (the name then carries the claimer), and ends in `done`. This file loads nothing but `node:` modules, for
 * hooks use it.
 */
const BOXES = ["tmp", "new", "cur", "done"] as const;
export type Box = (typeof BOXES)[number];

export function boxPath(home: Home, box: Box): string {
  return join(home.queue, box);
}

/** Where a job's file lies in a box. */
export function jobPath(home: Home, box: Box, name: string): string {
  return join(boxPath(home, box), name);
}

/** Makes what is missing of them: a hook needs two, whoever works on jobs all. */
export async function makeBoxes(home: Home, boxes: readonly Box[] = BOXES): Promise<void> {
  for (const box of boxes) await makeFolders(boxPath(home, box));
}

/** Names of the job files in a box; none when the box does not exist yet. */
export async function namesIn(home: Home, box: Box): Promise<string[]> {
  const names = (await unlessMissing(readdir(boxPath(home, box)))) ?? [];
  return names.filter((name) => name.endsWith(".json"));
}

/** Writes a file durably into `new`. One that is there, or comes there meanwhile, is replaced or stays. */
export async function writeWaiting(
  home: Home,
  name: string,
  { text, present }: { text: string; present: "is_replaced" | "stays" },
): Promise<void> {
  await using drafts = await Folder.open(boxPath(home, "tmp"));
  await using waiting = await Folder.open(boxPath(home, "new"));
  await using draft = await TempFile.create(drafts);
  await draft.write(Buffer.from(text));
  await draft.finish();
  if (present === "is_replaced") await draft.moveTo(name, waiting);
  else await linkUnlessThere(drafts.at(draft.name), waiting.at(name));
  await waiting.sync();
}

/** Moves a claimed file back into `new`, unless one of its name came there meanwhile: that one stays. */
export async function putBack(home: Home, claimed: string, name: string): Promise<void> {
  await unlessMissing(linkUnlessThere(jobPath(home, "cur", claimed), jobPath(home, "new", name)));
  await syncBox(home, "new");
  await removeFrom(home, "cur", claimed);
}

export async function removeFrom(home: Home, box: Box, name: string): Promise<void> {
  await unlessMissing(unlink(jobPath(home, box, name)));
  await syncBox(home, box);
}

/** Since when a file lies in its box: a rename changes its ctime, not its mtime. Undefined when it is gone. */
export async function arrivedMs(home: Home, box: Box, name: string): Promise<number | undefined> {
  return (await unlessMissing(stat(jobPath(home, box, name))))?.ctimeMs;
}

/** Makes what came into a box and went from it survive a power cut. */
export async function syncBox(home: Home, box: Box): Promise<void> {
  await using folder = await Folder.open(boxPath(home, box));
  await folder.sync();
}

async function linkUnlessThere(from: string, to: string): Promise<void> {
  try {
    await linkOrCopy(from, to);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}
