import { readdir, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { makeFolders } from "../../disk/folder.ts";
import type { Home } from "../home/home.ts";
import { isAlive } from "../home/lock.ts";
import { arrivedMs, boxPath, jobPath, makeBoxes, namesIn, putBack, type Box } from "./boxes.ts";
import { parseClaimName, type Claimer } from "./claim.ts";
import { fileNameOf } from "./enqueue.ts";
import { readJob } from "./job.ts";
import type { Clock } from "./retry.ts";

/** Whose queue is put in order, by whom, and when. */
export interface Recovery {
  home: Home;
  clock: Clock;
  self: Claimer;
}

/** Takes back what dead processes had claimed, sets damaged files aside, and forgets old finished jobs. */
export async function recoverOutbox(recovery: Recovery): Promise<void> {
  const { home } = recovery;
  await makeBoxes(home);
  for (const name of await namesIn(home, "cur")) {
    const claim = parseClaimName(name);
    if (claim === undefined) await setAsideDamaged(recovery, "cur", name);
    else if (await isDead(recovery, name, claim)) await putBack(home, name, fileNameOf(claim.key));
  }
  for (const name of await namesIn(home, "new"))
    if ((await readJob(home, "new", name)) === "damaged") await setAsideDamaged(recovery, "new", name);
  await removeLeftovers(home);
  await forgetOldest(home);
}

/** Moves a file that is no job to `damaged`, with its bytes. */
export async function setAsideDamaged(
  { home, clock }: Pick<Recovery, "home" | "clock">,
  box: Box,
  name: string,
): Promise<void> {
  const folder = join(home.queue, "damaged");
  await makeFolders(folder);
  await unlessMissing(rename(jobPath(home, box, name), join(folder, `${clock.now()}-${name}`)));
}

async function isDead({ home, clock, self }: Recovery, name: string, claimer: Claimer): Promise<boolean> {
  if (claimer.pid === self.pid) return claimer.instance !== self.instance;
  if (!isAlive(claimer.pid)) return true;
  const sinceMs = await arrivedMs(home, "cur", name);
  return sinceMs !== undefined && clock.now() - sinceMs > LIMITS.client.claimStaleMs;
}

/** Files that a process was still writing when it died: their jobs were never acknowledged. */
async function removeLeftovers(home: Home): Promise<void> {
  for (const name of await readdir(boxPath(home, "tmp"))) {
    const pid = Number(/^\.tmp-(\d+)-/.exec(name)?.[1] ?? "0");
    if (isTempName(name) && pid !== process.pid && !isAlive(pid))
      await rm(jobPath(home, "tmp", name), { force: true });
  }
}

async function forgetOldest(home: Home): Promise<void> {
  const kept = LIMITS.client.doneJobs;
  const names = await namesIn(home, "done");
  if (names.length <= kept) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, sinceMs: (await arrivedMs(home, "done", name)) ?? 0 })),
  );
  aged.sort((a, b) => a.sinceMs - b.sinceMs);
  for (const { name } of aged.slice(0, -kept)) await unlessMissing(unlink(jobPath(home, "done", name)));
}
