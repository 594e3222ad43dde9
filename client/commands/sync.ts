import { withTilde } from "../home/home.ts";
import { appendLog } from "../home/log.ts";
import { stamp } from "../launcher/stamp.ts";
import { describeFailure, formatBytes, plain } from "../format.ts";
import type { Progress } from "../progress.ts";
import type { Action } from "../sync/plan.ts";
import type { SyncReport } from "../sync/report.ts";
import { afterSync, beforeSync } from "../sync/around-sync.ts";
import { failedRun, noteRun, runOf } from "../sync/last-run.ts";
import { previewSync, type Preview } from "../sync/preview.ts";
import { runSync, type SyncChoices } from "../sync/sync.ts";
import { defineCommand, type Context } from "./command.ts";
import type { Outcome } from "./exit.ts";
import { outcomeOfSync, talkAboutFiles, talkAboutSync } from "./sync-talk.ts";

export const sync = defineCommand({
  name: "sync",
  summary: "Send what is new: tracked files, the outbox, new and grown transcripts",
  options: {
    "dry-run": { type: "boolean", summary: "Say what would be sent, and send nothing" },
    retry: { type: "boolean", summary: "Try waiting and set aside jobs now" },
    recheck: { type: "boolean", summary: "Look at every file again, also those known to be on the server" },
    scheduled: { type: "boolean", summary: "Note that the schedule runs; schedules start this" },
    "from-hook": { type: "boolean", summary: "Send only tracked files and the outbox; hooks start this" },
  },
  async run(context, args) {
    if (args.flag("scheduled")) stamp(context.environment.home, "runs/schedule");
    const choices: SyncChoices = {
      scan: !args.flag("from-hook"),
      retry: args.flag("retry"),
      recheck: args.flag("recheck"),
    };
    return args.flag("dry-run") ? preview(context, choices) : perform(context, choices);
  },
});

async function perform(context: Context, choices: SyncChoices): Promise<Outcome> {
  const { environment, output } = context;
  try {
    const before = await beforeSync(environment, () => context.config(), choices);
    const report = await syncWithProgress(context, choices);
    // Nobody asked for it: cron mails whatever is printed. JSON is asked for.
    if (output.json || !output.quiet) output.answer(report, () => summaryOf(report));
    talkAboutSync(report, output, environment.userHome);
    const outcome = outcomeOfSync(report);
    await noteRun(environment.home, runOf(report));
    const answer = { json: JSON.stringify(report), text: summaryOf(report) };
    if (before !== undefined) await afterSync(environment, before, report, answer);
    // Workers of hooks and of cron have nobody who reads what they say.
    if (outcome !== "ok" || report.bytes_sent > 0)
      appendLog(environment.home, "sync", `${summaryOf(report)}; ${problemsIn(report)}`);
    return outcome;
  } catch (error) {
    appendLog(environment.home, "sync", describeFailure(error));
    await noteRun(environment.home, failedRun(error));
    throw error;
  }
}

async function syncWithProgress(context: Context, choices: SyncChoices): Promise<SyncReport> {
  const { environment, output } = context;
  const config = await context.config();
  const feeder = await context.feeder();
  let progress: Progress | undefined;
  const onFile = ({ path, done, total }: { path: string; done: number; total: number }): void => {
    // Every phase counts from 0 with a total of its own.
    if (done === 0) progress?.[Symbol.dispose]();
    if (done === 0) progress = output.progress("sync", total);
    progress?.advance(done === 0 ? 0 : 1, path);
  };
  try {
    return await runSync({ environment, config, feeder, onFile }, choices);
  } finally {
    progress?.[Symbol.dispose]();
  }
}

async function preview(context: Context, choices: SyncChoices): Promise<Outcome> {
  const { environment, output } = context;
  const found = await previewSync({ environment, config: await context.config() }, choices);
  output.answer(jsonOf(found), () => planText(found, environment.userHome));
  talkAboutFiles(found, output, environment.userHome);
  return found.problems.length === 0 ? "ok" : "problem";
}

function jsonOf({ plan, jobs, problems, notes }: Preview) {
  const { actions, unchanged } = plan;
  return { dry_run: true, actions: actions.map(describe), unchanged, jobs, problems, notes };
}

function describe(action: Action) {
  const { kind, reason } = action;
  if (kind === "session") {
    const { path, sessionId, client, sizeBytes } = action.transcript;
    return { kind, reason, path, session_id: sessionId, client, bytes: sizeBytes };
  }
  const { path, workspaceId, upload, sizeBytes } = action.file;
  return { kind, reason, path, workspace_id: workspaceId, upload, bytes: sizeBytes };
}

function planText({ plan, jobs }: Preview, userHome: string): string {
  const lines = plan.actions.map((action) => {
    const { kind, reason, path, bytes } = describe(action);
    return `${reason.padEnd(8)} ${kind.padEnd(10)} ${formatBytes(bytes).padStart(8)}  ${plain(withTilde(path, userHome))}`;
  });
  for (const job of jobs)
    lines.push(
      `${job.standing.replace("_", " ").padEnd(8)} ${job.kind.padEnd(10)} ${"outbox".padStart(8)}  ${plain(withTilde(job.path, userHome))}`,
    );
  lines.push(
    `${plan.actions.length} to look at, ${plan.unchanged.knowledge + plan.unchanged.sessions} unchanged`,
  );
  return lines.join("\n");
}

function summaryOf({ knowledge, sessions, waiting, set_aside, bytes_sent }: SyncReport): string {
  const part = (name: string, counts: SyncReport["knowledge"]): string => {
    const said = Object.entries(counts).filter(([, count]) => count > 0);
    return `${name}: ${said.length === 0 ? "none" : said.map(([status, count]) => `${count} ${status}`).join(", ")}`;
  };
  const jobs = waiting + set_aside === 0 ? [] : [`outbox: ${waiting} waiting, ${set_aside} set aside`];
  return [
    part("knowledge", knowledge),
    part("sessions", sessions),
    ...jobs,
    `${formatBytes(bytes_sent)} sent`,
  ].join("; ");
}

function problemsIn({ problems, stopped }: SyncReport): string {
  const said = problems.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  if (stopped !== undefined) said.push(stopped.message);
  return said.length === 0 ? "no problems" : said.join("; ");
}
