import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import type { Environment } from "../home/home.ts";
import { windowsArgument, xmlText } from "../launcher/quote.ts";
import { holdsText, removeOwnFile, writeOwnFile } from "./own-file.ts";
import { runProgram, tryProgram } from "./program.ts";
import type { Schedule, ScheduleFacts } from "./schedule.ts";

const TASK = "memory-sync";

/** A task of Windows, which runs while the person is logged in. */
export const schtasks: Schedule = {
  name: "schtasks",
  isUsable: async () => process.platform === "win32",
  async isInstalled(environment) {
    if (process.platform !== "win32") return false;
    return (await tryProgram(environment, "schtasks", ["/Query", "/TN", TASK])).code === 0;
  },
  describe: () => [`run schtasks /Create /TN ${TASK}`],
  async isDone(facts) {
    const told = await toldOf(facts.environment);
    return told !== undefined && (await holdsText(placeOf(facts.environment), noteOf(facts, told)));
  },
  async install(facts) {
    const { environment } = facts;
    if (await schtasks.isDone(facts)) return false;
    const folder = await mkdtemp(join(tmpdir(), "memory-sync-"));
    try {
      const file = join(folder, "task.xml");
      await writeFile(file, taskBytes(taskXml(facts)));
      await runProgram(environment, "schtasks", ["/Create", "/TN", TASK, "/XML", file, "/F"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const told = await toldOf(environment);
    if (told !== undefined) await writeOwnFile(placeOf(environment), noteOf(facts, told));
    return true;
  },
  async remove(environment) {
    await tryProgram(environment, "schtasks", ["/Delete", "/TN", TASK, "/F"]);
    await removeOwnFile(placeOf(environment));
  },
};

/** The task in Windows' own words; undefined when there is none. */
async function toldOf(environment: Environment): Promise<string | undefined> {
  const { code, stdout } = await tryProgram(environment, "schtasks", ["/Query", "/TN", TASK, "/XML"]);
  return code === 0 ? stdout : undefined;
}

/** Windows tells of a task in other words than it was given: what was asked for is kept beside what it said then. */
function noteOf(facts: ScheduleFacts, told: string): string {
  return `${sha256(taskXml(facts))}\n${sha256(told)}\n`;
}

/** Without it the task is only written anew. */
function placeOf({ home }: Environment): string {
  return join(home.state, "schtasks");
}

/**
 * The task's description. `conhost --headless`: the console of a program that a scheduler starts flashes up otherwise,
 * every few minutes.
 */
export function taskXml(facts: Pick<ScheduleFacts, "node" | "bundle" | "minutes">): string {
  const { node, bundle, minutes } = facts;
  const commandLine = `--headless ${windowsArgument(node)} ${windowsArgument(bundle)} sync --quiet --scheduled`;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Send new agent sessions and knowledge to the memory server</Description>
  </RegistrationInfo>
${triggers(minutes)}
${PRINCIPALS}
${SETTINGS}
  <Actions Context="Author">
    <Exec>
      <Command>conhost.exe</Command>
      <Arguments>${xmlText(commandLine)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

const PRINCIPALS = `\
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>`;

const LONGEST = `PT${LIMITS.client.scheduledRunMs / 60_000}M`;

const SETTINGS = `\
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>${LONGEST}</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>`;

function triggers(minutes: number): string {
  return `\
  <Triggers>
    <TimeTrigger>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Repetition>
        <Interval>PT${minutes}M</Interval>
      </Repetition>
      <RandomDelay>PT1M</RandomDelay>
    </TimeTrigger>
  </Triggers>`;
}

/** As schtasks reads it: UTF-16, little end first, marked so, with Windows' line ends. */
export function taskBytes(xml: string): Uint8Array {
  return Buffer.from(`\uFEFF${xml.replaceAll("\n", "\r\n")}`, "utf16le");
}
