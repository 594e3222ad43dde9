import { randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import { isAlive } from "../home/lock.ts";
import type { Home } from "../home/home.ts";
import { boxPath, enqueue, fileNameOf, keyOf, makeBoxes, namesIn, writeJob, type Box } from "./enqueue.ts";
import { Job } from "./job.ts";
import { afterFailure, standingOf, SYSTEM_CLOCK, type Clock, type Failure, type Standing } from "./retry.ts";

const CLAIMED = /^([0-9a-f]+)\.(\d+)-([0-9a-f]+)\.json$/;

/** A job with where it stands. */
export interface QueuedJob extends Job {
  key: string;
  /** `claimed`: a process works on it. */
  standing: Standing | "claimed";
}

/** A job that this process works on. End it with `complete` or `fail`; if the process dies, another takes it over. */
export interface Claim {
  key: string;
  job: Job;
  name: string;
}

/** Work that could not be done yet, one file per job, so that hooks and several syncs never collide. */
export class Outbox {
  readonly #home: Home;
  readonly #clock: Clock;
  /** Tells this process's claims from those of an earlier process that had the same number. */
  readonly #instance = randomBytes(4).toString("hex");

  constructor(home: Home, clock: Clock = SYSTEM_CLOCK) {
    this.#home = home;
    this.#clock = clock;
  }

  /** Every unfinished job, oldest first. Reads only. */
  async list(): Promise<QueuedJob[]> {
    const jobs = new Map<string, QueuedJob>();
    for (const name of await namesIn(this.#home, "cur")) {
      const key = CLAIMED.exec(name)?.[1];
      const job = key === undefined ? undefined : await this.#read("cur", name);
      if (key !== undefined && job !== undefined) jobs.set(key, { ...job, key, standing: "claimed" });
    }
    for (const name of await namesIn(this.#home, "new")) {
      const job = await this.#read("new", name);
      const key = name.slice(0, -".json".length);
      if (job !== undefined) jobs.set(key, { ...job, key, standing: standingOf(job, this.#clock.now()) });
    }
    return [...jobs.values()].sort(byAge);
  }

  /** Adds a job, unless it is waiting already. */
  async add(job: Job): Promise<void> {
    await enqueue(this.#home, job);
  }

  /** Keeps work that failed outside the outbox, as a job after its first try. */
  async addFailed(job: Job, failure: Failure): Promise<void> {
    await makeBoxes(this.#home);
    await writeJob(this.#home, fileNameOf(keyOf(job)), afterFailure(job, failure, this.#clock));
  }

  /** Takes a waiting job; undefined when another process was faster. A damaged one is set aside with its bytes. */
  async claim(key: string): Promise<Claim | undefined> {
    const name = `${key}.${process.pid}-${this.#instance}.json`;
    try {
      await rename(this.#path("new", fileNameOf(key)), this.#path("cur", name));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
    const job = await this.#read("cur", name);
    if (job !== undefined) return { key, job, name };
    await this.#setAsideDamaged("cur", name);
    return undefined;
  }

  /** The work is done. */
  async complete(claim: Claim): Promise<void> {
    await rename(this.#path("cur", claim.name), this.#path("done", fileNameOf(claim.key)));
    await this.#syncBoxes("cur", "done");
  }

  /** The try failed: the job goes back with its next time, or is set aside. */
  async fail(claim: Claim, failure: Failure): Promise<Job> {
    const job = afterFailure(claim.job, failure, this.#clock);
    await writeJob(this.#home, fileNameOf(claim.key), job);
    await this.#remove(claim);
    return job;
  }

  /** Puts the job back as it was: nothing was tried. */
  async release(claim: Claim): Promise<void> {
    await this.#putBack(claim.name, claim.key);
  }

  /** Makes a waiting or set aside job due at once. */
  async hasten(key: string): Promise<void> {
    const job = await this.#read("new", fileNameOf(key));
    if (job === undefined) return;
    const { not_before: _notBefore, set_aside_at: _setAside, ...rest } = job;
    await writeJob(
      this.#home,
      fileNameOf(key),
      job.set_aside_at === undefined ? rest : { ...rest, tries: 0 },
    );
  }

  /** Takes back what dead processes had claimed, sets damaged files aside, and forgets old finished jobs. */
  async recover(): Promise<void> {
    await makeBoxes(this.#home);
    for (const name of await namesIn(this.#home, "cur")) {
      const [, key, pid, instance] = CLAIMED.exec(name) ?? [];
      if (key === undefined) await this.#setAsideDamaged("cur", name);
      else if (await this.#isDead(name, Number(pid), instance)) await this.#putBack(name, key);
    }
    for (const name of await namesIn(this.#home, "new"))
      if ((await this.#read("new", name)) === undefined) await this.#setAsideDamaged("new", name);
    await this.#removeLeftovers();
    await this.#forgetOldest();
  }

  async #isDead(name: string, pid: number, instance: string | undefined): Promise<boolean> {
    if (pid === process.pid) return instance !== this.#instance;
    if (!isAlive(pid)) return true;
    return (await this.#claimAgeMs(name)) > LIMITS.client.claimStaleMs;
  }

  /** Since when it lies in `cur`: a rename changes a file's ctime, not its mtime. */
  async #claimAgeMs(name: string): Promise<number> {
    try {
      return this.#clock.now() - (await stat(this.#path("cur", name))).ctimeMs;
    } catch (error) {
      if (isErrno(error, "ENOENT")) return 0;
      throw error;
    }
  }

  /** Back into `new`, unless the same job was added there meanwhile: then that one stays. */
  async #putBack(name: string, key: string): Promise<void> {
    const waiting = new Set(await namesIn(this.#home, "new"));
    try {
      if (waiting.has(fileNameOf(key))) await unlink(this.#path("cur", name));
      else await rename(this.#path("cur", name), this.#path("new", fileNameOf(key)));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
    await this.#syncBoxes("cur", "new");
  }

  async #remove(claim: Claim): Promise<void> {
    try {
      await unlink(this.#path("cur", claim.name));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
    await this.#syncBoxes("cur");
  }

  async #read(box: Box, name: string): Promise<Job | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path(box, name), "utf8");
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
    const parsed = Job.safeParse(jsonOf(text));
    return parsed.success ? parsed.data : undefined;
  }

  async #setAsideDamaged(box: Box, name: string): Promise<void> {
    const folder = join(this.#home.queue, "damaged");
    await makeFolders(folder);
    try {
      await rename(this.#path(box, name), join(folder, `${this.#clock.now()}-${name}`));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }

  /** Files that a process was still writing when it died: their jobs were never acknowledged. */
  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(boxPath(this.#home, "tmp"))) {
      const pid = Number(/^\.tmp-(\d+)-/.exec(name)?.[1] ?? "0");
      if (isTempName(name) && pid !== process.pid && !isAlive(pid))
        await rm(this.#path("tmp", name), { force: true });
    }
  }

  async #forgetOldest(): Promise<void> {
    const names = await namesIn(this.#home, "done");
    if (names.length <= KEPT_DONE) return;
    const aged = await Promise.all(
      names.map(async (name) => ({ name, ctimeMs: (await stat(this.#path("done", name))).ctimeMs })),
    );
    aged.sort((a, b) => a.ctimeMs - b.ctimeMs);
    for (const { name } of aged.slice(0, -KEPT_DONE)) await unlink(this.#path("done", name));
  }

  async #syncBoxes(...boxes: Box[]): Promise<void> {
    for (const box of boxes) {
      await using folder = await Folder.open(boxPath(this.#home, box));
      await folder.sync();
    }
  }

  #path(box: Box, name: string): string {
    return join(boxPath(this.#home, box), name);
  }
}

/** Finished jobs kept for whoever wonders what happened. */
const KEPT_DONE = 100;

function byAge(a: QueuedJob, b: QueuedJob): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
