import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { makeFolders } from "../../disk/folder.ts";
import type { Transcript } from "../archive/find.ts";
import type { Config } from "../config.ts";
import { readCredentials } from "../credentials.ts";
import type { Environment, Home } from "../home/home.ts";
import { Lock } from "../home/lock.ts";
import { loadManifests, type LoadedManifests } from "../manifest/load.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import type { Job } from "../outbox/job.ts";
import { Outbox, type QueuedJob } from "../outbox/outbox.ts";
import { RedactionChoice, redactionStamp } from "../redact/choice.ts";
import type { Feeder } from "../remote/feeder.ts";
import { Attempts } from "./attempts.ts";
import { Courier } from "./courier.ts";
import { byJobKey, drainOutbox, type DrainSurroundings } from "./drain.ts";
import { allTrackedFiles, Transcripts } from "./local-files.ts";
import { OutboxReport } from "./outbox-report.ts";
import { planSync, type Action, type LocalFiles } from "./plan.ts";
import { emptyReport, type Problem, type SyncReport } from "./report.ts";
import { SyncState } from "./state.ts";
import { OwnWorkspaces } from "./workspaces.ts";

export interface SyncSurroundings {
  environment: Environment;
  config: Config;
  feeder: Feeder;
  /** Told of each file before it is sent. */
  onFile: DrainSurroundings["onFile"];
  /** Told how much of that file, if it is a session, was read to be sent: from 0 to 1. */
  onShare?: (share: number) => void;
}

export interface SyncChoices {
  /** Look for new and grown transcripts; a hook's worker only sends what the outbox holds. */
  scan: boolean;
  /** Try waiting and set aside jobs at once. */
  retry: boolean;
  /** Look at every file again, whatever is known of it. */
  recheck: boolean;
  /** Of the transcripts those to send, in this order; no knowledge is looked at then. Without it all, oldest first. */
  order?: ((found: readonly Transcript[]) => Transcript[]) | undefined;
}

/** Brings the server what is new here: manifests, then the outbox, then transcripts. One at a time per machine. */
export async function runSync(surroundings: SyncSurroundings, choices: SyncChoices): Promise<SyncReport> {
  const { home } = surroundings.environment;
  const { feeder, config } = surroundings;
  const report = emptyReport();
  await makeFolders(home.state);
  const outbox = new Outbox(home);
  const told = await OutboxReport.begin({ feeder, outbox, machine: config.machine });
  for (let round = 0; round < LIMITS.client.syncRounds; round += 1) {
    const isFirst = round === 0;
    // What a second sync came for is in the outbox, where the one that holds the lock finds it.
    const isAlone = await underLock(home, isFirst ? LIMITS.client.syncLockWaitMs : 0, () =>
      onePass(surroundings, { ...choices, isFirst }, report),
    );
    if (!isAlone && isFirst)
      report.stopped = { why: "busy", message: "Another memory-sync is running; it sends what waits here" };
    // Whoever found the lock taken has left its job and gone: it was added before the lock was released, so it shows now.
    if (!isAlone || report.stopped !== undefined || !(await hasDueJob(outbox))) break;
  }
  // Whoever stopped found no server, or none that knows the token; the next sync says how it stands then.
  if (report.stopped === undefined) await told.end();
  const jobs = await outbox.list();
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

interface PassChoices extends SyncChoices {
  /** The later ones only empty the outbox. */
  isFirst: boolean;
}

/** What is done under the lock. */
async function onePass(
  surroundings: SyncSurroundings,
  choices: PassChoices,
  report: SyncReport,
): Promise<void> {
  const { isFirst, scan, retry, order } = choices;
  const pass = await openPass(surroundings, choices, report);
  const { files, transcripts, state } = pass;
  try {
    if (isFirst && order === undefined) await sendAll(pass, { files, transcripts: [] }, report);
    await drainOutbox(pass, { retry: retry && isFirst });
    if (isFirst && scan && !pass.attempts.stopped) {
      const found = await transcripts.all();
      state.keepSessions(found);
      const others = found.filter(({ path }) => !pass.attempts.sessions.has(path));
      await sendAll(pass, { files: [], transcripts: order?.(others) ?? others }, report);
    }
  } finally {
    await state.save();
    report.bytes_sent = surroundings.feeder.bytesSent;
  }
}

interface Pass extends DrainSurroundings {
  state: SyncState;
  /** What the manifests name. */
  files: readonly TrackedFile[];
}

/** Reads what a pass works on, and reports what of it is wrong, once. */
async function openPass(
  { environment, config, feeder, onFile, onShare }: SyncSurroundings,
  { recheck, isFirst }: PassChoices,
  report: SyncReport,
): Promise<Pass> {
  const { home, userHome } = environment;
  const loaded = await loadManifests(home);
  const { manifests } = loaded;
  const redaction = redactionStamp(config.redact, manifests);
  const state = await SyncState.open(home, config.url, { forget: recheck && isFirst, redaction });
  const { files, problems, notes } = await allTrackedFiles(manifests, environment, state);
  // A manifest that cannot be read names no files: what is known of them counts again once it is mended.
  if (loaded.faults.length === 0) state.keepKnowledge(files);
  if (isFirst) report.problems.push(...manifestProblems(loaded, environment), ...problems);
  if (isFirst) report.notes.push(...notes);
  const credentials = await readCredentials(home);
  const workspaces = new OwnWorkspaces({ home, feeder, state, credentials, recheck });
  const { machine, aiToken, syncToken } = config;
  return {
    state,
    files,
    tracked: onceAsked(() => byJobKey(files)),
    transcripts: new Transcripts({ environment, state, notes: report.notes }),
    outbox: new Outbox(home),
    attempts: new Attempts(report),
    courier: new Courier({
      feeder,
      state,
      workspaces,
      manifests,
      machine,
      userHome,
      home,
      notes: report.notes,
      onShare,
      redaction: new RedactionChoice({
        others: config.redact,
        manifests,
        credentials,
        secrets: [aiToken?.secret, syncToken?.secret],
      }),
    }),
    onFile,
  };
}

function onceAsked<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

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

/** By which a plan knows what waits in the outbox already. */
export function keysOf(jobs: readonly QueuedJob[]): ReadonlySet<string> {
  return new Set(jobs.map(({ key }) => key));
}

/** What is wrong with the manifests themselves. */
export function manifestProblems({ faults }: LoadedManifests, { home }: Environment): Problem[] {
  return faults.map(({ file, ...fault }) => ({ path: join(home.manifests, file), ...fault }));
}
