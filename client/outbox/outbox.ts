import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { isErrno } from "../../disk/errno.ts";
import type { Home } from "../home/home.ts";
import { jobPath, makeBoxes, namesIn, putBack, removeFrom, syncBox, writeWaiting } from "./boxes.ts";
import { claimName, parseClaimName, type Claim, type Claimer } from "./claim.ts";
import { enqueue, fileNameOf, textOf } from "./enqueue.ts";
import { readJob, type Job } from "./job.ts";
import { recoverOutbox, setAsideDamaged } from "./recover.ts";
import { afterFailure, standingOf, SYSTEM_CLOCK, type Clock, type Failure, type Standing } from "./retry.ts";

/** A job with where it stands. */
export interface QueuedJob extends Job {
  key: string;
  /** `claimed`: a process works on it. */
  standing: Standing | "claimed";
}

/**
 * Work that could not be done yet, one file per job, so that hooks and several syncs never collide. A job that is
 * added while the same one is worked on is the newer one: nothing that happens to the older one changes it.
 */
export class Outbox {
  readonly #home: Home;
  readonly #clock: Clock;
  readonly #self: Claimer = { pid: process.pid, instance: randomBytes(4).toString("hex") };

  constructor(home: Home, clock: Clock = SYSTEM_CLOCK) {
    this.#home = home;
    this.#clock = clock;
  }

  /** Every unfinished job, oldest first. Reads only. */
  async list(): Promise<QueuedJob[]> {
    const jobs = new Map<string, QueuedJob>();
    for (const name of await namesIn(this.#home, "cur")) {
      const key = parseClaimName(name)?.key;
      const job = key === undefined ? "damaged" : await readJob(this.#home, "cur", name);
      if (key !== undefined && typeof job === "object") jobs.set(key, { ...job, key, standing: "claimed" });
    }
    for (const name of await namesIn(this.#home, "new")) {
      const job = await readJob(this.#home, "new", name);
      const key = name.slice(0, -".json".length);
      if (typeof job === "object")
        jobs.set(key, { ...job, key, standing: standingOf(job, this.#clock.now()) });
    }
    return [...jobs.values()].sort(byAge);
  }

  /** Adds a job, unless it is waiting already. */
  async add(job: Job): Promise<void> {
    await makeBoxes(this.#home);
    await enqueue(this.#home, job);
  }

  /** Keeps work that failed outside the outbox, as a job after its first try. */
  async addFailed(job: Job, failure: Failure): Promise<void> {
    await this.add(afterFailure(job, failure, this.#clock));
  }

  /** Takes a waiting job; undefined when another process was faster. A damaged one is set aside with its bytes. */
  async claim(key: string): Promise<Claim | undefined> {
    const name = claimName(key, this.#self);
    try {
      await rename(jobPath(this.#home, "new", fileNameOf(key)), jobPath(this.#home, "cur", name));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
    const job = await readJob(this.#home, "cur", name);
    if (typeof job === "object") return { key, job, name };
    await setAsideDamaged({ home: this.#home, clock: this.#clock }, "cur", name);
    return undefined;
  }

  /** The work is done. */
  async complete({ name, key }: Claim): Promise<void> {
    await rename(jobPath(this.#home, "cur", name), jobPath(this.#home, "done", fileNameOf(key)));
    await syncBox(this.#home, "cur");
    await syncBox(this.#home, "done");
  }

  /** The try failed: the job goes back with its next time, or is set aside. */
  async fail({ name, job }: Claim, failure: Failure): Promise<void> {
    await this.add(afterFailure(job, failure, this.#clock));
    await removeFrom(this.#home, "cur", name);
  }

  /** Puts the job back as it was: nothing was tried. */
  async release({ name, key }: Claim): Promise<void> {
    await putBack(this.#home, name, fileNameOf(key));
  }

  /** Makes a waiting or set aside job due at once. */
  async hasten(key: string): Promise<void> {
    const name = fileNameOf(key);
    const job = await readJob(this.#home, "new", name);
    if (typeof job !== "object") return;
    const { not_before: _notBefore, set_aside_at: setAside, ...rest } = job;
    const due = setAside === undefined ? rest : { ...rest, tries: 0 };
    await writeWaiting(this.#home, name, { text: textOf(due), present: "is_replaced" });
  }

  /** Takes back what dead processes had claimed, sets damaged files aside, and forgets old finished jobs. */
  async recover(): Promise<void> {
    await recoverOutbox({ home: this.#home, clock: this.#clock, self: this.#self });
  }
}

function byAge(a: QueuedJob, b: QueuedJob): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
