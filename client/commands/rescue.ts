import { basename, join } from "node:path";
import { parseTime } from "../../contract/time.ts";
import { transcriptPlaces } from "../archive/places.ts";
import { formatBytes, plain } from "../format.ts";
import { bytesAndRate } from "../progress.ts";
import { performRescue, planRescue, type RescuePlan } from "../rescue/rescue.ts";
import { censusScreen, rescuedScreen } from "../rescue/screen.ts";
import { ask } from "../setup/ask.ts";
import { noteRun, runOf } from "../sync/last-run.ts";
import type { SyncReport } from "../sync/report.ts";
import { defineCommand, type Context } from "./command.ts";
import type { Outcome } from "./exit.ts";
import { outcomeOfSync, talkAboutSync } from "./sync-talk.ts";

export const rescue = defineCommand({
  name: "rescue",
  summary: "Send every transcript of this machine, those first that will be deleted first",
  options: {
    "dry-run": { type: "boolean", summary: "Say what is here and when it goes, and send nothing" },
    since: { type: "string", value: "TIME", summary: "Only what was written at or after this date or time" },
    yes: { type: "boolean", summary: "Do not ask before sending" },
  },
  details:
    "Needs no manifests. Stopped at any moment it goes on where it was when it is started again. Claude Code deletes " +
    "transcripts that were not changed for 30 days, or for cleanupPeriodDays of its settings.",
  async run(context, args) {
    const since = args.option("since");
    const sinceMs = since === undefined ? 0 : parseTime("--since", since).getTime();
    const config = await context.config();
    const plan = await planRescue({ environment: context.environment, config }, { sinceMs });
    if (args.flag("dry-run")) return show(context, plan);
    if (!context.output.json) context.output.say(await screenOf(context, plan));
    if (!args.flag("yes") && !(await isWanted(context, plan))) {
      context.output.say("Nothing was sent.");
      return "problem";
    }
    return perform(context, plan);
  },
});

async function show(context: Context, plan: RescuePlan): Promise<Outcome> {
  const { url } = await context.config();
  const files = plan.pending.map(({ path, client, sessionId, sizeBytes }) => {
    return { path, client, session_id: sessionId, bytes: sizeBytes };
  });
  const screen = await screenOf(context, plan);
  context.output.answer({ dry_run: true, url, ...facts(plan), files }, () => screen);
  return "ok";
}

/** At a terminal a person is asked once; whoever starts it otherwise has decided. */
async function isWanted(context: Context, { census }: RescuePlan): Promise<boolean> {
  const { output } = context;
  const { files, bytes } = census.to_send;
  if (!output.interactive || output.json || files === 0) return true;
  const what = files === 1 ? "1 transcript" : `${files} transcripts`;
  const { url } = await context.config();
  const answer = await ask(`Send ${what}, ${formatBytes(bytes)}, to ${plain(url)}? [Y/n] `);
  return answer !== undefined && !/^n/i.test(answer);
}

async function perform(context: Context, plan: RescuePlan): Promise<Outcome> {
  const { environment, output } = context;
  const { url } = await context.config();
  const report = await sendAll(context, plan);
  const { claude } = transcriptPlaces(environment.env, environment.userHome);
  const about = {
    cleanup: plan.cleanup,
    settings: join(claude, "settings.json"),
    hasClaude: plan.census.found["claude-code"].files > 0,
  };
  output.answer({ dry_run: false, url, ...facts(plan), report }, () => rescuedScreen(report, about));
  talkAboutSync(report, output, environment.userHome);
  await noteRun(environment.home, runOf(report));
  // What another one sends is not what was asked for here.
  return report.stopped?.why === "busy" ? "problem" : outcomeOfSync(report);
}

async function sendAll(context: Context, plan: RescuePlan): Promise<SyncReport> {
  const { environment, output } = context;
  const surroundings = {
    environment,
    config: await context.config(),
    feeder: await context.feeder(),
  };
  using progress = output.progress("rescue", plan.census.to_send.bytes, bytesAndRate);
  let shownBytes = 0;
  return await performRescue(surroundings, plan, ({ path, doneBytes }) => {
    // What is sent once more is not counted once more.
    progress.advance(Math.max(0, doneBytes - shownBytes), basename(path));
    shownBytes = Math.max(shownBytes, doneBytes);
  });
}

async function screenOf(context: Context, { census, cleanup }: RescuePlan): Promise<string> {
  const { url } = await context.config();
  return censusScreen(census, { url, cleanup, nowMs: Date.now() });
}

function facts({ census, cleanup: { days, file } }: RescuePlan) {
  return { ...census, cleanup: { days, ...(file !== undefined && { file }) } };
}
