import type { Job } from "./job.ts";

/** A job that this process works on. End it with `complete` or `fail`; if the process dies, another takes it over. */
export interface Claim {
  key: string;
  job: Job;
  /** Of its file in `cur`. */
  name: string;
}

/** Who claimed a job. `instance` tells a process from an earlier one that had the same number. */
export interface Claimer {
  pid: number;
  instance: string;
}

const CLAIMED = /^([0-9a-f]+)\.(\d+)-([0-9a-f]+)\.json$/;

/** The name of a claimed job's file. */
export function claimName(key: string, { pid, instance }: Claimer): string {
  return `${key}.${pid}-${instance}.json`;
}

/** What the name of a file in `cur` tells; undefined for one that no claim made. */
export function parseClaimName(name: string): (Claimer & { key: string }) | undefined {
  const [, key, pid, instance] = CLAIMED.exec(name) ?? [];
  if (key === undefined || instance === undefined) return undefined;
  return { key, pid: Number(pid), instance };
}
