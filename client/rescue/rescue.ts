import type { Transcript } from "../archive/find.ts";
import { cleanupOf, type Cleanup } from "../archive/expiry.ts";
import { transcriptPlaces } from "../archive/places.ts";
import { previewSync } from "../sync/preview.ts";
import type { SyncReport } from "../sync/report.ts";
import { runSync, type SyncSurroundings } from "../sync/sync.ts";
import { byExpiry, censusOf, type Census } from "./census.ts";

/** What a rescue would do: a value that is shown, or done. */
export interface RescuePlan {
  readonly census: Census;
  readonly cleanup: Cleanup;
  /** What is sent, in this order. */
  readonly pending: readonly Transcript[];
  /** What is looked at: what is sent, and what may have changed. Soonest gone first. */
  readonly order: (found: readonly Transcript[]) => Transcript[];
}

/** How far a rescue is. */
export interface Step {
  /** The file that is sent. */
  path: string;
  /** Of the files before it and of what was sent of it, as they lie on the disk. */
  doneBytes: number;
}

/**
 * Looks for every transcript of this machine, whatever manifests there are, and at when its client will delete it.
 * `sinceMs`: only those that were written at or after this time. Asks the server nothing and changes nothing.
 */
export async function planRescue(
  { environment, config }: Pick<SyncSurroundings, "environment" | "config">,
  { sinceMs }: { sinceMs: number },
): Promise<RescuePlan> {
  const { claude } = transcriptPlaces(environment.env, environment.userHome);
  const cleanup = await cleanupOf(claude);
  const found = await previewSync({ environment, config }, { scan: true, retry: false, recheck: false });
  const toSend = new Set(found.jobs.map(({ path }) => path));
  for (const action of found.plan.actions)
    if (action.kind === "session" && action.reason !== "check") toSend.add(action.transcript.path);
  const order = (all: readonly Transcript[]): Transcript[] =>
    byExpiry(
      all.filter(({ mtimeMs }) => mtimeMs >= sinceMs),
      cleanup,
    );
  const wanted = order(found.transcripts);
  const pending = wanted.filter(({ path }) => toSend.has(path));
  return { census: censusOf(wanted, pending, { cleanup, nowMs: Date.now() }), cleanup, pending, order };
}

/**
 * Sends what waits in the outbox, then the others. What was sent is noted as it goes, and the server says what it holds: stopped
 * at any moment, the next one goes on. What fails becomes a job of the outbox.
 */
export async function performRescue(
  surroundings: Omit<SyncSurroundings, "onFile" | "onShare">,
  { pending, order }: RescuePlan,
  onStep: (step: Step) => void,
): Promise<SyncReport> {
  const sizes = new Map(pending.map(({ path, sizeBytes }) => [path, sizeBytes]));
  let [doneBytes, current, sending] = [0, 0, ""];
  const onFile = ({ path }: { path: string }): void => {
    doneBytes += current;
    current = sizes.get(path) ?? 0;
    sending = path;
    onStep({ path, doneBytes });
  };
  const onShare = (share: number): void =>
    onStep({ path: sending, doneBytes: doneBytes + Math.floor(share * current) });
  return runSync({ ...surroundings, onFile, onShare }, { scan: true, retry: true, recheck: false, order });
}
