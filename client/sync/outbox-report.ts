import { slugify } from "../../contract/names.ts";
import type { Outbox, QueuedJob } from "../outbox/outbox.ts";
import type { Feeder } from "../remote/feeder.ts";
import { RemoteError } from "../remote/remote-error.ts";
import { VERSION } from "../version.ts";

interface ReportParts {
  feeder: Pick<Feeder, "report" | "tell">;
  outbox: Outbox;
  machine: string;
}

/** Tells the server how it stands with this machine's outbox: with every request of a sync, and once more when it ends otherwise. */
export class OutboxReport {
  readonly #parts: ReportParts;
  readonly #atFirst: string;

  private constructor(parts: ReportParts, atFirst: readonly QueuedJob[]) {
    this.#parts = parts;
    this.#atFirst = countsOf(atFirst);
  }

  static async begin(parts: ReportParts): Promise<OutboxReport> {
    const failed = await failedJobs(parts.outbox);
    parts.feeder.report(reportText(failed, parts.machine));
    return new OutboxReport(parts, failed);
  }

  /** Else the server would believe in an outbox that is empty by now. That it could not be told is no failure of the sync. */
  async end(): Promise<void> {
    const { feeder, outbox, machine } = this.#parts;
    const failed = await failedJobs(outbox);
    if (countsOf(failed) === this.#atFirst) return;
    try {
      await feeder.tell(reportText(failed, machine));
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
    }
  }
}

/** What was never tried is on its way. */
async function failedJobs(outbox: Outbox): Promise<QueuedJob[]> {
  return (await outbox.list()).filter(({ tries }) => tries > 0);
}

/** Counts only: no name of a file, no reason. SPEC.md describes the header. */
function reportText(failed: readonly QueuedJob[], machine: string): string {
  // They come oldest first.
  const oldest = failed.find(({ standing }) => standing !== "set_aside");
  return [
    `version=${VERSION}`,
    `machine=${encodeURIComponent(slugify(machine))}`,
    countsOf(failed),
    `oldest_s=${oldest === undefined ? 0 : secondsSince(oldest.created_at)}`,
  ].join("; ");
}

function countsOf(failed: readonly QueuedJob[]): string {
  const setAside = failed.filter(({ standing }) => standing === "set_aside").length;
  return `waiting=${failed.length - setAside}; set_aside=${setAside}`;
}

/** Nine digits at most; 0 under a clock that was set back, or for a time nobody can read. */
function secondsSince(time: string): number {
  const seconds = Math.floor((Date.now() - Date.parse(time)) / 1000);
  return seconds > 0 ? Math.min(seconds, 999_999_999) : 0;
}
