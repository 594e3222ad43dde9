import { AppError } from "../../contract/errors.ts";
import { readCredentials } from "../credentials.ts";
import { SetupRecord } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import { Outbox } from "../outbox/outbox.ts";
import { undoStep } from "../setup/apply-uninstall.ts";
import { maskOf } from "../setup/masked.ts";
import { hasHome, removeHome } from "../setup/own-files.ts";
import type { UndoStep } from "../setup/plan-uninstall.ts";
import { previewUndo } from "../setup/preview-uninstall.ts";
import { previewOf, type StepPreview } from "../setup/shown.ts";
import type { StepResult } from "../setup/step.ts";
import { undoSteps } from "../setup/undo-steps.ts";
import { defineCommand, UsageError, type Context } from "./command.ts";
import type { Outcome } from "./exit.ts";
import { previewScreen, stepLines, warnOfDamage } from "./install-screen.ts";

interface Request {
  readonly steps: readonly UndoStep[];
  readonly isPurge: boolean;
}

const NOTHING = "There is nothing of memory-sync to take out.";

export const uninstall = defineCommand({
  name: "uninstall",
  summary: "Take out of this machine what install put in",
  options: {
    "dry-run": { type: "boolean", summary: "Show what would change, and change nothing" },
    purge: { type: "boolean", summary: "Also remove ~/.memory-sync: program, tokens, manifests, outbox" },
    force: { type: "boolean", summary: "With --purge: also when jobs wait in the outbox" },
  },
  details:
    "Files of other programs get back the bytes they had, or, where somebody changed them since, lose just what is ours. " +
    "Nothing on the server changes; to end the tokens: federated-memory token revoke.",
  async run(context, args) {
    if (args.flag("force") && !args.flag("purge")) throw new UsageError("--force goes with --purge");
    const { environment } = context;
    const isPurge = args.flag("purge");
    if (isPurge && !args.flag("force")) await assertNothingWaits(environment);
    const steps = await undoSteps(environment);
    return (args.flag("dry-run") ? show : perform)(context, { steps, isPurge });
  },
});

async function show({ environment, output }: Context, { steps, isPurge }: Request): Promise<Outcome> {
  const { ai_token: ai, sync_token: sync } = await readCredentials(environment.home);
  const mask = maskOf([ai, sync]);
  const shown = await Promise.all(
    steps.map(async (step) => previewOf(step, await previewUndo(step, environment), mask)),
  );
  const home = homeStep(environment);
  const purge: StepPreview = { ...home, state: "change", does: [`remove ${home.path}`] };
  const all = isPurge && (await hasHome(environment.home)) ? [...shown, purge] : shown;
  output.answer({ dry_run: true, steps: all }, () => (all.length === 0 ? NOTHING : previewScreen(all)));
  return shown.some(({ state }) => state === "failed") ? "problem" : "ok";
}

async function perform({ environment, output }: Context, { steps, isPurge }: Request): Promise<Outcome> {
  const home = homeStep(environment);
  // The record is kept there: looking for it would make the folder.
  const undone =
    (await hasHome(environment.home)) || steps.length > 0 ? await undo({ environment, output }, steps) : [];
  const isClean = undone.every(({ state }) => state !== "failed");
  const isThere = await hasHome(environment.home);
  // What could not be taken out is known only there.
  const isPurged = isPurge && isClean && isThere;
  if (isPurged) await removeHome(environment.home);
  const results: StepResult[] = isPurged ? [...undone, { ...home, state: "done" }] : undone;
  const left = isThere && !isPurged ? home.path : undefined;
  output.answer({ dry_run: false, steps: results, ...(left !== undefined && { left }) }, () =>
    [
      ...(results.length === 0 ? [NOTHING] : stepLines(results, environment.userHome)),
      ...(left === undefined ? [] : [`Left: ${left} (--purge removes it)`]),
    ].join("\n"),
  );
  return isClean ? "ok" : "problem";
}

function homeStep({ home }: Environment): { id: string; what: string; path: string } {
  return { id: "home", what: "the client's folder", path: home.root };
}

async function undo(
  { environment, output }: Pick<Context, "environment" | "output">,
  steps: readonly UndoStep[],
): Promise<StepResult[]> {
  await using record = await SetupRecord.open(environment.home);
  warnOfDamage(record, output);
  const results: StepResult[] = [];
  for (const step of steps) results.push(await undoStep(step, { environment, record }));
  // Whoever installs anew begins anew.
  await record.choose({});
  return results;
}

/** Sessions that were not sent yet would be lost where their transcripts are gone too. */
async function assertNothingWaits({ home }: Environment): Promise<void> {
  const jobs = await new Outbox(home).list();
  if (jobs.length === 0) return;
  throw new AppError(
    "conflict",
    `${jobs.length} ${jobs.length === 1 ? "job waits" : "jobs wait"} in the outbox`,
    {
      hint: "Send them with memory-sync sync --retry, or give them up with --force",
    },
  );
}
