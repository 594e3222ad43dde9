import { readSetup } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import { hasFile } from "../schedule/own-file.ts";
import { installedSchedules } from "../schedule/schedules.ts";
import { installedNames } from "./installed-names.ts";
import { planUninstall, type UndoStep } from "./plan-uninstall.ts";
import { programsOf } from "./programs.ts";
import { envFile } from "./shell-files.ts";
import { mayHoldOurs } from "./traces.ts";

/** What of ours is on this machine, as the steps that take it out. Looks only. */
export async function undoSteps(environment: Environment): Promise<UndoStep[]> {
  return planUninstall({
    environment,
    programs: programsOf(environment),
    entries: await readSetup(environment.home),
    names: await installedNames(environment),
    schedules: await installedSchedules(environment),
    hasEnvFile: await hasFile(envFile(environment.home)),
    mayHoldOurs,
  });
}
