import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import type { Environment } from "../home/home.ts";
import { systemdWord } from "../launcher/quote.ts";
import { hasFile, holdsText, removeOwnFile, writeOwnFile } from "./own-file.ts";
import { runProgram, tryProgram } from "./program.ts";
import type { Minutes, Schedule, ScheduleFacts } from "./schedule.ts";

const UNIT = "memory-sync";
const TIMER = `${UNIT}.timer`;

/** A timer of the person's own systemd. It runs while they are logged in, or always with `loginctl enable-linger`. */
export const systemd: Schedule = {
  name: "systemd",
  async isUsable(environment) {
    if (process.platform !== "linux") return false;
    const { stdout } = await tryProgram(environment, "systemctl", ["--user", "is-system-running"]);
    return /^(running|degraded|starting|initializing|maintenance)/.test(stdout);
  },
  isInstalled: (environment) => hasFile(placeOf(environment, TIMER)),
  describe({ environment }) {
    const files = [`${UNIT}.service`, TIMER].map((name) => `write ${placeOf(environment, name)}`);
    return [...files, `run systemctl --user enable --now ${TIMER}`];
  },
  async isDone(facts) {
    const { environment } = facts;
    const same = unitsOf(facts).map(([name, text]) => holdsText(placeOf(environment, name), text));
    return !(await Promise.all(same)).includes(false) && (await isEnabled(environment));
  },
  async install(facts) {
    const { environment } = facts;
    if (await systemd.isDone(facts)) return false;
    for (const [name, text] of unitsOf(facts)) await writeOwnFile(placeOf(environment, name), text);
    await runProgram(environment, "systemctl", ["--user", "daemon-reload"]);
    await runProgram(environment, "systemctl", ["--user", "enable", "--now", TIMER]);
    return true;
  },
  async remove(environment) {
    await tryProgram(environment, "systemctl", ["--user", "disable", "--now", TIMER]);
    for (const name of [TIMER, `${UNIT}.service`]) await removeOwnFile(placeOf(environment, name));
    await tryProgram(environment, "systemctl", ["--user", "daemon-reload"]);
  },
};

/** What is run: by sh, for systemd starts no program whose own path holds a quote. Lowest priorities: it is never in a hurry. */
export function serviceUnit({ launcher }: Pick<ScheduleFacts, "launcher">): string {
  return `[Unit]
Description=Send new agent sessions and knowledge to the memory server

[Service]
Type=oneshot
ExecStart=/bin/sh ${systemdWord(launcher)} sync --quiet --scheduled
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=${LIMITS.client.scheduledRunMs / 1000}
`;
}

/** When it is run. Persistent: a run that was slept through is made up for. */
export function timerUnit(minutes: Minutes): string {
  return `[Unit]
Description=Run memory-sync every ${minutes} minutes

[Timer]
OnCalendar=${minutes === 60 ? "hourly" : `*:0/${minutes}`}
RandomizedDelaySec=60
Persistent=true

[Install]
WantedBy=timers.target
`;
}

function unitsOf(facts: ScheduleFacts): [name: string, text: string][] {
  return [
    [`${UNIT}.service`, serviceUnit(facts)],
    [TIMER, timerUnit(facts.minutes)],
  ];
}

async function isEnabled(environment: Environment): Promise<boolean> {
  return (await tryProgram(environment, "systemctl", ["--user", "is-active", TIMER])).code === 0;
}

function placeOf({ env, userHome }: Environment, name: string): string {
  return join(env["XDG_CONFIG_HOME"] || join(userHome, ".config"), "systemd/user", name);
}
