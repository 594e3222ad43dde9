import { LIMITS } from "../../contract/limits.ts";
import type { Failure } from "../outbox/retry.ts";
import { judge, type Stop } from "./failure.ts";
import type { SyncReport } from "./report.ts";
import type { Sent } from "./send.ts";

/** How a try ended. `stopped`: it told nothing about the file, only that no file can be sent now. */
export type Ending =
  | { how: "done" }
  | { how: "gone" }
  | { how: "stopped" }
  | { how: "failed"; failure: Failure };

/** Runs tries one after the other, counts them in the report, and says when it makes no sense to go on. */
export class Attempts {
  readonly #report: SyncReport;
  readonly #sessions = new Set<string>();
  #overloads = 0;

  constructor(report: SyncReport) {
    this.#report = report;
  }

  get stopped(): boolean {
    return this.#report.stopped !== undefined;
  }

  /** Paths of the sessions that were brought to the server: a scan need not look at them again. */
  get sessions(): ReadonlySet<string> {
    return this.#sessions;
  }

  /** Work that finds nothing to send gives undefined. */
  async run(
    what: { kind: "knowledge" | "session"; path: string },
    work: () => Promise<Sent | undefined>,
  ): Promise<Ending> {
    const counts = what.kind === "knowledge" ? this.#report.knowledge : this.#report.sessions;
    try {
      const sent = await work();
      if (sent === undefined) return { how: "gone" };
      counts[sent.status] += 1;
      if (what.kind === "session") this.#sessions.add(what.path);
      this.#overloads = 0;
      return { how: "done" };
    } catch (error) {
      const verdict = judge(error);
      if (verdict === undefined) throw error;
      if (verdict === "gone") return { how: "gone" };
      if (!("failure" in verdict)) {
        this.#report.stopped = verdict.stop;
        return { how: "stopped" };
      }
      counts.failed += 1;
      this.#note(what.path, verdict.failure);
      this.#count(verdict);
      return { how: "failed", failure: verdict.failure };
    }
  }

  #note(path: string, { message, hint }: Failure): void {
    this.#report.problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  }

  #count({ failure, stop, overloaded }: { failure: Failure; stop?: Stop; overloaded?: boolean }): void {
    this.#overloads = overloaded === true ? this.#overloads + 1 : 0;
    if (stop !== undefined) this.#report.stopped = stop;
    else if (this.#overloads >= LIMITS.client.overloads)
      this.#report.stopped = { why: "network", message: failure.message, hint: failure.hint };
  }
}
