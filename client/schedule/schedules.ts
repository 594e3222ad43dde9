import type { Environment } from "../home/home.ts";
import { cron } from "./cron.ts";
import { launchd } from "./launchd.ts";
import type { Schedule } from "./schedule.ts";
import { schtasks } from "./schtasks.ts";
import { systemd } from "./systemd.ts";

/** Best first. */
export const SCHEDULES: readonly Schedule[] = [systemd, launchd, schtasks, cron];

/** The best scheduler that this machine has; undefined when it has none. */
export async function bestSchedule(environment: Environment): Promise<Schedule | undefined> {
  for (const schedule of SCHEDULES) if (await schedule.isUsable(environment)) return schedule;
  return undefined;
}

/** The schedulers that run the client now. */
export async function installedSchedules(environment: Environment): Promise<Schedule[]> {
  const installed = await Promise.all(SCHEDULES.map((schedule) => schedule.isInstalled(environment)));
  return SCHEDULES.filter((_, index) => installed[index] === true);
}
