import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";
import { isSystemError } from "../../disk/errno.ts";
import { keepTokens } from "../credentials.ts";
import { Dotfile } from "../edit/dotfile.ts";
import { putIn, type PutIn } from "../edit/put-in.ts";
import type { SetupRecord } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import { writeOwnFile } from "../schedule/own-file.ts";
import { installedSchedules } from "../schedule/schedules.ts";
import { withAdvice } from "./advice.ts";
import { ClaudeProgram } from "./claude-program.ts";
import { addServer, type Kept } from "./claude-servers.ts";
import { noteExports } from "./exported.ts";
import { installProgram, isReadByOthers } from "./own-files.ts";
import { undoStep } from "./apply-uninstall.ts";
import { leftOutBy, takenOutBy, type ServerStep, type Step, type StepResult } from "./step.ts";

type Became = Omit<StepResult, "id" | "what" | "path">;

/**
 * Does one step. A file that is left as it is, and a scheduler that refuses, are a result and stop nothing; a disk that
 * refuses our own files throws. Whatever happens, installing again goes on where this one ended.
 */
export async function applyStep(
  step: Step,
  { environment, record }: { environment: Environment; record: SetupRecord },
): Promise<StepResult> {
  const { id, what } = step;
  const became = await work(step, environment, record);
  return { id, what, ...("path" in step && { path: step.path }), ...became };
}

async function work(step: Step, environment: Environment, record: SetupRecord): Promise<Became> {
  if (step.kind === "left_out") return { state: "skipped", why: step.why };
  if (step.kind === "edit") return edited(await putIn(record, step.path, step.edit), step);
  if (step.kind === "take_out")
    return gone(await undoStep(step.undo, { environment, record, doing: "install" }), step.putsBack);
  if (step.kind === "claude_server")
    return served(await addServer(record, step, ClaudeProgram.find(environment)), step);
  return step.kind === "schedule" ? scheduled(step) : changed(await written(step, environment));
}

type OwnStep = Extract<Step, { kind: "program" | "own_file" | "tokens" }>;

/** False when it was there already. */
async function written(step: OwnStep, environment: Environment): Promise<boolean> {
  if (step.kind === "program") return installProgram(environment, step);
  if (step.kind === "tokens") return keepTokens(environment.home, step);
  await noteExports(environment.home, step);
  return writeOwnFile(step.path, step.text);
}

function changed(isChanged: boolean): Became {
  return { state: isChanged ? "done" : "already" };
}

async function edited(
  put: PutIn,
  { path, strictJson, putsBack }: Extract<Step, { kind: "edit" }>,
): Promise<Became> {
  if (putsBack !== undefined) return gone(resultOf(put), putsBack);
  const result = resultOf(put);
  if (result.state === "failed" || strictJson !== true) return result;
  const { text } = await Dotfile.read(path);
  if (parseJson(text) !== undefined) return result;
  return {
    ...result,
    unread: true,
    why: "Claude Code does not read this file until its comments and last commas are gone",
  };
}

function gone({ state, why, backup }: Became, putsBack: string): Became {
  if (state === "already") return { state: "skipped", why: leftOutBy(putsBack) };
  if (state !== "done") return { state, why };
  return { state, why: [takenOutBy(putsBack), why ?? []].flat().join("; "), backup };
}

async function served(put: PutIn | Kept, { path, entry }: ServerStep): Promise<Became> {
  if (put.state === "kept") return { state: "skipped", why: put.why };
  const result = resultOf(put);
  if (entry["headers"] === undefined) return result;
  // What a person would have to add holds the token.
  if (result.state === "failed") return { ...result, lines: [] };
  const why = "others of this machine can read the token in this file: chmod 600 it";
  return { ...result, ...((await isReadByOthers(path)) && { why }) };
}

function resultOf(put: PutIn): Became {
  if (put.state === "refused") return { state: "failed", why: withAdvice(put, "install"), lines: put.lines };
  const { state, backup, shifted } = put;
  const why = shifted.length === 0 ? undefined : `entries behind ours moved up in ${shifted.join(", ")}`;
  return { state, ...(backup !== undefined && { backup }), ...(why !== undefined && { why }) };
}

async function scheduled({ schedule, facts }: Extract<Step, { kind: "schedule" }>): Promise<Became> {
  try {
    const isNew = await schedule.install(facts);
    // One is enough: a machine may have got a better one since the last install.
    for (const other of await installedSchedules(facts.environment))
      if (other.name !== schedule.name) await other.remove(facts.environment);
    return changed(isNew);
  } catch (error) {
    if (!(error instanceof AppError || isSystemError(error))) throw error;
    return { state: "failed", why: error.message };
  }
}
