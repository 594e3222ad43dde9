import type { Environment } from "../home/home.ts";
import { crontabText, shellWord } from "../launcher/quote.ts";
import { runProgram, tryProgram } from "./program.ts";
import type { Schedule, ScheduleFacts } from "./schedule.ts";

/** How our line ends, so that it is found again: a comment for the shell that runs it. */
const MARK = " # memory-sync";

/** One line in the person's crontab; every other line stays as it is. */
export const cron: Schedule = {
  name: "cron",
  async isUsable(environment) {
    if (process.platform === "win32") return false;
    return (await crontabOf(environment)) !== undefined;
  },
  async isInstalled(environment) {
    const text = process.platform === "win32" ? undefined : await crontabOf(environment);
    return text !== undefined && withoutOurs(text) !== text;
  },
  describe: (facts) => [`add to the crontab: ${crontabLine(facts)}`],
  async isDone(facts) {
    const present = (await crontabOf(facts.environment)) ?? "";
    return withOurs(present, crontabLine(facts)) === present;
  },
  async install(facts) {
    const { environment } = facts;
    const present = (await crontabOf(environment)) ?? "";
    const wanted = withOurs(present, crontabLine(facts));
    if (wanted === present) return false;
    await runProgram(environment, "crontab", ["-"], wanted);
    return true;
  },
  async remove(environment) {
    const present = (await crontabOf(environment)) ?? "";
    const rest = withoutOurs(present);
    if (rest === present) return;
    if (rest === "") await runProgram(environment, "crontab", ["-r"]);
    else await runProgram(environment, "crontab", ["-"], rest);
  },
};

/** The line that runs the client. What it prints would become mail, so a scheduled run prints problems only. */
export function crontabLine({ launcher, minutes }: Pick<ScheduleFacts, "launcher" | "minutes">): string {
  const times = minutes === 60 ? "0 * * * *" : `*/${minutes} * * * *`;
  return `${times} ${crontabText(shellWord(launcher))} sync --quiet --scheduled${MARK}`;
}

/** A crontab with our line as its last one, or in the place of the one that is there. */
export function withOurs(crontab: string, line: string): string {
  const lines = crontab.split("\n");
  const ours = lines.findIndex(isOurs);
  if (ours >= 0) return lines.with(ours, line).join("\n");
  return `${crontab}${crontab === "" || crontab.endsWith("\n") ? "" : "\n"}${line}\n`;
}

/** A crontab without our lines. */
export function withoutOurs(crontab: string): string {
  return crontab
    .split("\n")
    .filter((line) => !isOurs(line))
    .join("\n");
}

function isOurs(line: string): boolean {
  return line.trimEnd().endsWith(MARK) && !line.trimStart().startsWith("#");
}

/** The person's crontab, empty when they have none; undefined when this machine has no crontabs or forbids one. */
async function crontabOf(environment: Environment): Promise<string | undefined> {
  const { code, stdout, stderr } = await tryProgram(environment, "crontab", ["-l"]);
  if (code === 0) return stdout;
  return /no crontab for/i.test(stderr) ? "" : undefined;
}
