import { unifiedDiff } from "../edit/diff.ts";
import { previewPutIn, type Preview } from "../edit/preview.ts";
import { hasTokens } from "../credentials.ts";
import type { Environment } from "../home/home.ts";
import { withAdvice } from "./advice.ts";
import { isKept, KEPT } from "./claude-servers.ts";
import { isInstalled, ownText } from "./own-files.ts";
import type { Step } from "./step.ts";

/** What a step would do. */
export interface StepPreview {
  readonly id: string;
  readonly what: string;
  readonly state: "change" | "already" | "skipped" | "failed";
  readonly path?: string;
  /** Unified. */
  readonly diff?: string;
  /** What would be written or run that is no edit of a text. */
  readonly does?: readonly string[];
  /** Why nothing would be done. */
  readonly why?: string;
}
type Shown = Omit<StepPreview, "id" | "what" | "path">;

/** What a step would do. Changes nothing. `mask` takes the secrets out of what is shown. */
export async function previewStep(
  step: Step,
  { environment, mask }: { environment: Environment; mask: (text: string) => string },
): Promise<StepPreview> {
  const { id, what } = step;
  const { diff, ...shown } = await preview(step, environment);
  const path = "path" in step ? { path: step.path } : {};
  return { id, what, ...path, ...shown, ...(diff !== undefined && { diff: mask(diff) }) };
}

async function preview(step: Step, { home }: Environment): Promise<Shown> {
  if (step.kind === "left_out") return { state: "skipped", why: step.why };
  if (step.kind === "program") return unlessDone(await isInstalled(step), [`write ${step.path}`]);
  if (step.kind === "tokens")
    return unlessDone(await hasTokens(home, step), [`keep the tokens in ${step.path}`]);
  if (step.kind === "schedule")
    return unlessDone(await step.schedule.isDone(step.facts), step.schedule.describe(step.facts));
  if (step.kind === "own_file")
    return shownEdit(
      { diff: unifiedDiff(step.path, (await ownText(step.path)) ?? "", step.text) },
      "install",
    );
  if (step.kind === "claude_server" && (await isKept(step))) return { state: "skipped", why: KEPT };
  return shownEdit(await previewPutIn(home, step.path, step.edit), "install");
}

function unlessDone(isDone: boolean, does: readonly string[]): Shown {
  return isDone ? { state: "already" } : { state: "change", does };
}

/** An edit of a file, as it is shown. */
export function shownEdit(edit: Preview, doing: "install" | "uninstall"): Shown {
  if ("why" in edit) return { state: "failed", why: withAdvice(edit, doing) };
  return edit.diff === "" ? { state: "already" } : { state: "change", diff: edit.diff };
}
