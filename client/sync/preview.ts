import type { Transcript } from "../archive/find.ts";
import { loadManifests } from "../manifest/load.ts";
import { redactionStamp } from "../redact/choice.ts";
import { Outbox, type QueuedJob } from "../outbox/outbox.ts";
import { allTrackedFiles, Transcripts } from "./local-files.ts";
import { planSync, type Plan } from "./plan.ts";
import type { Problem } from "./report.ts";
import { SyncState } from "./state.ts";
import { keysOf, manifestProblems, type SyncChoices, type SyncSurroundings } from "./sync.ts";

/** What a sync would do. */
export interface Preview {
  plan: Plan;
  /** All that were found, oldest first. */
  transcripts: readonly Transcript[];
  jobs: QueuedJob[];
  problems: Problem[];
  /** What is left out, and why. */
  notes: string[];
}

/** Finds out what a sync would do; asks the server nothing and changes nothing. */
export async function previewSync(
  { environment, config }: Pick<SyncSurroundings, "environment" | "config">,
  { scan, recheck }: SyncChoices,
): Promise<Preview> {
  const loaded = await loadManifests(environment.home);
  const redaction = redactionStamp(config.redact, loaded.manifests);
  const state = await SyncState.open(environment.home, config.url, { forget: recheck, redaction });
  const tracked = await allTrackedFiles(loaded.manifests, environment, state);
  const notes = [...tracked.notes];
  const transcripts = new Transcripts({ environment, state, notes });
  const jobs = await new Outbox(environment.home).list();
  const found = scan ? await transcripts.all() : [];
  const plan = planSync(
    { knowledge: state.knowledge, sessions: state.sessions, queued: keysOf(jobs) },
    { files: tracked.files, transcripts: found },
  );
  return {
    plan,
    transcripts: found,
    jobs,
    problems: [...manifestProblems(loaded, environment), ...tracked.problems],
    notes,
  };
}
