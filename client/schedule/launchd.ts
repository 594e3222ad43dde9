import { join } from "node:path";
import { userInfo } from "node:os";
import type { Environment } from "../home/home.ts";
import { xmlText } from "../launcher/quote.ts";
import { hasFile, holdsText, removeOwnFile, writeOwnFile } from "./own-file.ts";
import { runProgram, tryProgram } from "./program.ts";
import type { Schedule, ScheduleFacts } from "./schedule.ts";

const LABEL = "org.federated-memory.sync";

/** An agent of macOS, which runs while the person is logged in. */
export const launchd: Schedule = {
  name: "launchd",
  isUsable: async () => process.platform === "darwin",
  isInstalled: (environment) => hasFile(placeOf(environment)),
  describe: ({ environment }) => [
    `write ${placeOf(environment)}`,
    `run launchctl bootstrap ${domain()} ${placeOf(environment)}`,
  ],
  async isDone(facts) {
    const { environment } = facts;
    return (await holdsText(placeOf(environment), propertyList(facts))) && (await isLoaded(environment));
  },
  async install(facts) {
    const { environment } = facts;
    if (await launchd.isDone(facts)) return false;
    await writeOwnFile(placeOf(environment), propertyList(facts));
    await tryProgram(environment, "launchctl", ["bootout", `${domain()}/${LABEL}`]);
    await runProgram(environment, "launchctl", ["bootstrap", domain(), placeOf(environment)]);
    return true;
  },
  async remove(environment) {
    await tryProgram(environment, "launchctl", ["bootout", `${domain()}/${LABEL}`]);
    await removeOwnFile(placeOf(environment));
  },
};

/** The agent's description. Its output goes to the client's own log folder, for nobody reads the system's. */
export function propertyList({ environment, launcher, minutes }: ScheduleFacts): string {
  const log = xmlText(join(environment.home.log, "schedule.log"));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${xmlText(launcher)}</string>
    <string>sync</string>
    <string>--quiet</string>
    <string>--scheduled</string>
  </array>
  <key>StartInterval</key>
  <integer>${minutes * 60}</integer>
  <key>RunAtLoad</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityBackgroundIO</key>
  <true/>
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
</dict>
</plist>
`;
}

async function isLoaded(environment: Environment): Promise<boolean> {
  return (await tryProgram(environment, "launchctl", ["print", `${domain()}/${LABEL}`])).code === 0;
}

function domain(): string {
  return `gui/${userInfo().uid}`;
}

function placeOf({ userHome }: Environment): string {
  return join(userHome, "Library/LaunchAgents", `${LABEL}.plist`);
}
