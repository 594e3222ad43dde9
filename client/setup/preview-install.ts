import { unifiedDiff } from "../edit/diff.ts";
import { previewPutIn } from "../edit/preview.ts";
import { hasTokens } from "../credentials.ts";
import type { Environment } from "../home/home.ts";
import { whyKept } from "./claude-servers.ts";
import { isInstalled, ownText } from "./own-files.ts";
import { previewUndo } from "./preview-uninstall.ts";
import { previewOf, shownEdit, type Shown, type StepPreview } from "./shown.ts";
import { leftOutBy, type Step } from "./step.ts";

/** What a step would do. Changes nothing. `mask` takes the secrets out of what is shown. */
export async function previewStep(
  step: Step,
  { environment, mask }: { environment: Environment; mask: (text: string) => string },
): Promise<StepPreview> {
  return previewOf(step, await preview(step, environment), mask);
}

async function preview(step: Step, environment: Environment): Promise<Shown> {
  const { home } = environment;
  if (step.kind === "left_out") return { state: "skipped", why: step.why };
  if (step.kind === "take_out")
    return unlessGone(await previewUndo(step.undo, environment, "install"), step.putsBack);
  if (step.kind === "program") return unlessDone(await isInstalled(step), [`write ${step.path}`]);
  if (step.kind === "tokens")
    return unlessDone(await hasTokens(home, step), [`write the tokens into ${step.path}`]);
  if (step.kind === "schedule")
    return unlessDone(await step.schedule.isDone(step.facts), step.schedule.describe(step.facts));
  if (step.kind === "own_file")
    return shownEdit(
      { diff: unifiedDiff(step.path, (await ownText(step.path)) ?? "", step.text) },
      "install",
    );
  const kept = step.kind === "claude_server" ? await whyKept(step) : undefined;
  if (kept !== undefined) return { state: "skipped", why: kept };
  const shown = shownEdit(await previewPutIn(home, step.path, step.edit), "install");
  const putsBack = step.kind === "edit" ? step.putsBack : undefined;
  return putsBack === undefined ? shown : unlessGone(shown, putsBack);
}

function unlessGone(shown: Shown, putsBack: string): Shown {
  return shown.state === "already" ? { state: "skipped", why: leftOutBy(putsBack) } : shown;
}

function unlessDone(isDone: boolean, does: readonly string[]): Shown {
  return isDone ? { state: "already" } : { state: "change", does };
}
