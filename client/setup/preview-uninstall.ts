import { previewTakeBack } from "../edit/preview.ts";
import type { Environment } from "../home/home.ts";
import { hasFile } from "../schedule/own-file.ts";
import type { UndoStep } from "./plan-uninstall.ts";
import type { Doing } from "./advice.ts";
import { shownEdit, type Shown } from "./shown.ts";

/** What a step that takes something out would do. Changes nothing. `doing` is what to run again where it cannot. */
export async function previewUndo(
  step: UndoStep,
  { home }: Environment,
  doing: Doing = "uninstall",
): Promise<Shown> {
  if (step.kind === "unschedule") return { state: "change", does: [`remove ${step.what}`] };
  if (step.kind === "take_back") return shownEdit(await previewTakeBack(home, step.path, step.edit), doing);
  if (!(await hasFile(step.path))) return { state: "already" };
  return { state: "change", does: [`remove ${step.path}`] };
}
