import { AppError } from "../../contract/errors.ts";
import { isSystemError } from "../../disk/errno.ts";
import type { SetupRecord } from "../edit/setup-record.ts";
import type { TakenBack } from "../edit/take-back.ts";
import type { Environment } from "../home/home.ts";
import { hasFile, removeOwnFile } from "../schedule/own-file.ts";
import { withAdvice, type Doing } from "./advice.ts";
import { ClaudeProgram } from "./claude-program.ts";
import { removeServers } from "./claude-servers.ts";
import type { UndoStep } from "./plan-uninstall.ts";
import type { StepResult } from "./step.ts";

type Became = Omit<StepResult, "id" | "what" | "path">;

/** Does one step. What cannot be taken out is a result and stops nothing; `doing` is what to run again then. */
export async function undoStep(
  step: UndoStep,
  {
    environment,
    record,
    doing = "uninstall",
  }: { environment: Environment; record: SetupRecord; doing?: Doing },
): Promise<StepResult> {
  const { id, what } = step;
  const became = await work(step, { environment, record, doing });
  return { id, what, ...("path" in step && { path: step.path }), ...became };
}

async function work(
  step: UndoStep,
  { environment, record, doing }: { environment: Environment; record: SetupRecord; doing: Doing },
): Promise<Became> {
  if (step.kind === "unschedule") return unscheduled(step, environment);
  if (step.kind === "take_back")
    return takenBack(await removeServers(record, step, ClaudeProgram.find(environment)), doing);
  if (!(await hasFile(step.path))) return { state: "already" };
  await removeOwnFile(step.path);
  return { state: "done" };
}

async function unscheduled(
  { schedule }: Extract<UndoStep, { kind: "unschedule" }>,
  environment: Environment,
): Promise<Became> {
  try {
    await schedule.remove(environment);
    return { state: "done" };
  } catch (error) {
    if (!(error instanceof AppError || isSystemError(error))) throw error;
    return { state: "failed", why: error.message };
  }
}

function takenBack(taken: TakenBack, doing: Doing): Became {
  if (taken.state === "refused") return { state: "failed", why: withAdvice(taken, doing) };
  if (taken.state !== "done") return { state: taken.state === "gone" ? "already" : "done" };
  const { shifted, backup } = taken;
  const why =
    shifted.length === 0
      ? undefined
      : `entries behind ours moved up in ${shifted.join(", ")}; Codex asks you to trust those again`;
  return { state: "done", ...(backup !== undefined && { backup }), ...(why !== undefined && { why }) };
}
