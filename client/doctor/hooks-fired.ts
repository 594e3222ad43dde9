import { statSync } from "node:fs";
import { LIMITS } from "../../contract/limits.ts";
import type { Transcript } from "../archive/find.ts";
import { startedMs } from "../archive/started.ts";
import { formatDuration } from "../format.ts";
import { stampedAt } from "../launcher/stamp.ts";
import type { ClientName } from "../setup/plan-install.ts";
import type { Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { HookStanding } from "./hooks.ts";

const NAMES = { claude: "Claude Code", codex: "Codex" } as const;
const EVENTS = {
  claude: ["SessionEnd", "SessionStart", "PreCompact"],
  codex: ["Stop"],
} as const satisfies Record<ClientName, readonly string[]>;
const CLIENT = { claude: "claude-code", codex: "codex" } as const satisfies Record<ClientName, string>;
/** So many of the newest transcripts are opened to learn when they began. */
const OPENED = 5;

/**
 * Whether installed hooks run: no session may have begun long after one fired last. One that began without a person's
 * settings (the Agent SDK starts such) looks the same, so where the schedule runs this is nothing worse than a `warn`.
 */
export async function firedFindings(facts: Facts, standings: readonly HookStanding[]): Promise<Finding[]> {
  const installedMs = statSync(facts.programs.launcher, { throwIfNoEntry: false })?.mtimeMs;
  if (facts.config.syncToken === undefined || installedMs === undefined) return [];
  const findings: Finding[] = [];
  for (const { client, standing } of standings)
    if (standing === "there") findings.push(await firedFinding(facts, client, installedMs));
  return findings;
}

async function firedFinding(facts: Facts, client: ClientName, installedMs: number): Promise<Finding> {
  const id = "hooks.fired";
  const { environment, nowMs, preview } = facts;
  const fired = EVENTS[client].map((event) => stampedAt(environment.home, `fired/${event}`)?.getTime() ?? 0);
  const lastMs = Math.max(...fired);
  const said =
    lastMs === 0
      ? `${NAMES[client]} has not run its hook yet`
      : `${NAMES[client]} ran its hook ${formatDuration(nowMs - lastMs)} ago`;
  const sinceMs = Math.max(lastMs, installedMs) + LIMITS.client.lateWarnMs;
  const own = preview.transcripts.filter((one) => one.client === CLIENT[client] && one.parent === undefined);
  if (!(await hasBegun(own, sinceMs))) return ok(id, said);
  const restart =
    client === "claude"
      ? "Restart Claude Code; /hooks shows what it runs"
      : "In Codex, /hooks shows what it runs and what it does not trust";
  const ranMs = stampedAt(environment.home, "runs/schedule")?.getTime() ?? 0;
  // The schedule sends what hooks leave out.
  const judge = nowMs - ranMs < LIMITS.client.scheduleLateMs ? warn : fail;
  return judge(id, `${said}, though sessions have begun since`, { advice: restart });
}

/** True when one of the newest began after this time. */
async function hasBegun(transcripts: readonly Transcript[], sinceMs: number): Promise<boolean> {
  const newest = transcripts
    .filter(({ mtimeMs }) => mtimeMs > sinceMs)
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  const began = await Promise.all(newest.slice(0, OPENED).map(startedMs));
  return began.some((ms) => ms !== undefined && ms > sinceMs);
}
