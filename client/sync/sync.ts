import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { makeFolders } from "../../disk/folder.ts";
import type { Config } from "../config.ts";
import { readCredentials } from "../credentials.ts";
import type { Environment, Home } from "../home/home.ts";
import { Lock } from "../home/lock.ts";
import { loadManifests, type LoadedManifests } from "../manifest/load.ts";
import type { Job } from "../outbox/job.ts";
import { Outbox, type QueuedJob } from "../outbox/outbox.ts";
import type { Feeder } from "../remote/feeder.ts";
import { Attempts } from "./attempts.ts";
import { Courier } from "./courier.ts";
import { byJobKey, drainOutbox, type DrainSurroundings } from "./drain.ts";
import { allTrackedFiles, Transcripts } from "./local-files.ts";
import { planSync, type Action, type LocalFiles, type Plan } from "./plan.ts";
import { emptyReport, type Problem, type SyncReport } from "./report.ts";
import { SyncState } from "./state.ts";
import { OwnWorkspaces } from "./workspaces.ts";

export interface SyncSurroundings {
  environment: Environment;
  config: Config;
  feeder: Feeder;
  /** Told of each file before it is sent. */
  onFile: DrainSurroundings["onFile"];
}

export interface SyncChoices {
  /** Look for new and grown transcripts; a hook's worker only sends what the outbox holds. */
  scan: boolean;
  /** Try waiting and set aside jobs at once. */
  retry: boolean;
  /** Look at every file again, whatever is known of it. */
  recheck: boolean;
}

/** What a sync would do. */
export interface Preview {
  plan: Plan;
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
  const state = await SyncState.open(environment.home, config.url, { forget: recheck });
  const loaded = await loadManifests(environment.home);
  const tracked = await allTrackedFiles(loaded.manifests, environment, state);
  const notes = [...tracked.notes];
  const transcripts = new Transcripts({ environment, state, notes });
  const jobs = await new Outbox(environment.home).list();
  const plan = planSync(
    { knowledge: state.knowledge, sessions: state.sessions, queued: keysOf(jobs) },
    { files: tracked.files, transcripts: scan ? await transcripts.all() : [] },
  );
  return { plan, jobs, problems: [...manifestProblems(loaded, environment), ...tracked.problems], notes };
}

/** Brings the server what is new here: manifests, then the outbox, then transcripts. One at a time per machine. */
export async function runSync(surroundings: SyncSurroundings, choices: SyncChoices): Promise<SyncReport> {
  const { home } = surroundings.environment;
  const report = emptyReport();
  await makeFolders(home.state);
  for (let round = 0; round < LIMITS.client.syncRounds; round += 1) {
    const first = round === 0;
    // What a second sync came for is in the outbox, where the one that holds the lock finds it.
    const alone = await underLock(home, first ? LIMITS.client.syncLockWaitMs : 0, () =>
      onePass(surroundings, choices, first, report),
    );
    if (!alone && first)
      report.stopped = { why: "busy", message: "Another memory-sync is running; it sends what waits here" };
    // Whoever found the lock taken has left its job and gone: it was added before the lock was released, so it shows now.
    if (!alone || report.stopped !== undefined || !(await hasDueJob(new Outbox(home)))) break;
  }
  const jobs = await new Outbox(home).list();
  report.set_aside = jobs.filter(({ standing }) => standing === "set_aside").length;
  report.waiting = jobs.length - report.set_aside;
  return report;
}

/** False when another process holds the lock; then nothing was done. */
async function underLock(home: Home, waitMs: number, work: () => Promise<void>): Promise<boolean> {
  await using lock = await Lock.take(join(home.state, "sync.lock"), waitMs);
  if (lock === undefined) return false;
  await work();
  return true;
}

/** One pass under the lock; the later ones only empty the outbox. */
async function onePass(
  { environment, config, feeder, onFile }: SyncSurroundings,
  { scan, retry, recheck }: SyncChoices,
  first: boolean,
  report: SyncReport,
): Promise<void> {
  const { home } = environment;
  const state = await SyncState.open(home, config.url, { forget: recheck && first });
  const loaded = await loadManifests(home);
  const { manifests } = loaded;
  const tracked = await allTrackedFiles(manifests, environment, state);
  const credentials = await readCredentials(home);
  const workspaces = new OwnWorkspaces({ home, feeder, state, credentials });
  const { machine } = config;
  const { userHome } = environment;
  const courier = new Courier({ feeder, state, workspaces, manifests, machine, userHome });
  const transcripts = new Transcripts({ environment, state, notes: report.notes });
  const pass = { outbox: new Outbox(home), attempts: new Attempts(report), courier, onFile, state };
  // A manifest that cannot be read names no files: what is known of them counts again once it is mended.
  if (loaded.faults.length === 0) state.keepKnowledge(tracked.files);
  if (first) {
    report.problems.push(...manifestProblems(loaded, environment), ...tracked.problems);
    report.notes.push(...tracked.notes);
  }
  try {
    if (first) await sendAll(pass, { files: tracked.files, transcripts: [] }, report);
    let byKey: ReturnType<typeof byJobKey> | undefined;
    const named = () => (byKey ??= byJobKey(tracked.files));
    await drainOutbox({ ...pass, transcripts, tracked: named }, retry && first);
    if (first && scan && !pass.attempts.stopped) {
      const found = await transcripts.all();
      state.keepSessions(found);
      await sendAll(pass, { files: [], transcripts: found }, report);
    }
  } finally {
    await state.save();
    report.bytes_sent = feeder.bytesSent;
  }
}

type Pass = Pick<DrainSurroundings, "outbox" | "attempts" | "courier" | "onFile"> & { state: SyncState };

/** Sends what changed; what fails becomes a job. */
async function sendAll(
  { outbox, attempts, courier, onFile, state }: Pass,
  local: LocalFiles,
  report: SyncReport,
): Promise<void> {
  const queued = keysOf(await outbox.list());
  const plan = planSync({ knowledge: state.knowledge, sessions: state.sessions, queued }, local);
  report.knowledge.unchanged += plan.unchanged.knowledge;
  report.sessions.unchanged += plan.unchanged.sessions;
  for (const [done, action] of plan.actions.entries()) {
    if (attempts.stopped) return;
    const job = jobFor(action);
    onFile({ path: job.path, done, total: plan.actions.length });
    const ending = await attempts.run(job, () => perform(courier, action));
    if (ending.how === "failed") await outbox.addFailed(job, ending.failure);
  }
}

async function perform(courier: Courier, action: Action) {
  const known = action.reason === "check" ? action.known : undefined;
  return action.kind === "knowledge"
    ? courier.knowledge(action.file, known)
    : courier.session(action.transcript, known);
}

function jobFor(action: Action): Job {
  const common = { reason: "sync", created_at: new Date().toISOString(), tries: 0 };
  if (action.kind === "session") return { kind: "session", path: action.transcript.path, ...common };
  const { path, workspaceId, upload } = action.file;
  return { kind: "knowledge", path, workspace_id: workspaceId, upload, ...common };
}

async function hasDueJob(outbox: Outbox): Promise<boolean> {
  return (await outbox.list()).some(({ standing }) => standing === "due");
}

function keysOf(jobs: readonly QueuedJob[]): ReadonlySet<string> {
  return new Set(jobs.map(({ key }) => key));
}

function manifestProblems({ faults }: LoadedManifests, { home }: Environment): Problem[] {
  return faults.map(({ file, ...fault }) => ({ path: join(home.manifests, file), ...fault }));
}
