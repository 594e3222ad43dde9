import { statSync } from "node:fs";
import { LIMITS } from "../../contract/limits.ts";
import { formatDuration } from "../format.ts";
import { stampedAt } from "../launcher/stamp.ts";
import { bestSchedule, installedSchedules } from "../schedule/schedules.ts";
import { commandFor, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

/** Where a person looks why a scheduler does not run. */
const LOOK: Readonly<Record<string, string>> = {
  systemd: "Look at: systemctl --user status memory-sync.timer",
  launchd: "Look at: launchctl list org.federated-memory.sync",
  cron: "Look whether cron runs: systemctl status cron",
  schtasks: "Look at: schtasks /Query /TN memory-sync /V",
};

/** Whether a scheduler runs the client, and has done so lately. Without a sync token there is nothing to run. */
export async function scheduleFindings(facts: Facts): Promise<Finding[]> {
  const { environment, config } = facts;
  if (config.syncToken === undefined) return [];
  const names = (await installedSchedules(environment)).map(({ name }) => name);
  const [name] = names;
  if (name !== undefined)
    return [ok("schedule.installed", `${names.join(" and ")} runs sync`), ranFinding(facts, name)];
  if (facts.choices.schedule === "none")
    return [ok("schedule.installed", "nothing runs sync by itself, as you chose")];
  const isPossible = (await bestSchedule(environment)) !== undefined;
  const message = "nothing runs sync by itself: what a hook misses is not sent";
  const command = commandFor(facts, "install --schedule auto");
  const advice = `Have ${commandFor(facts, "sync --quiet --scheduled")} run regularly`;
  return [warn("schedule.installed", message, isPossible ? { command } : { advice })];
}

function ranFinding({ environment, programs, nowMs }: Facts, name: string): Finding {
  const id = "schedule.ran";
  const { scheduleLateMs, lateFailMs } = LIMITS.client;
  const ran = stampedAt(environment.home, "runs/schedule")?.getTime();
  const installed = statSync(programs.launcher, { throwIfNoEntry: false })?.mtimeMs;
  // Before its first run counts since when it might have run.
  const agoMs = nowMs - (ran ?? installed ?? nowMs);
  const said = ran === undefined ? "it has not run yet" : `it ran ${formatDuration(agoMs)} ago`;
  if (agoMs <= scheduleLateMs) return ok(id, said);
  // A machine that slept is late for a few minutes.
  return (agoMs > lateFailMs ? fail : warn)(id, said, { advice: LOOK[name] ?? "Look at the scheduler" });
}
