import { VARIABLES } from "../home/home.ts";
import { shellWord } from "../launcher/quote.ts";
import type { ClientName, InstallFacts } from "./plan-install.ts";
import { commandLine } from "./programs.ts";
import { isScheduled, sendingNotice, sendingWays, type Unsent } from "./sending.ts";
import { envFile } from "./shell-files.ts";
import type { StepResult } from "./step.ts";
import { CA_VARIABLE } from "./trust.ts";

const NAMES = { claude: "Claude Code", codex: "Codex" } as const;

/** What is left for the person to do, as sentences, after these steps were done. */
export function nextSteps(
  facts: InstallFacts,
  { steps, unsent }: { steps: readonly StepResult[]; unsent: Unsent },
): string[] {
  const { clients, programs } = facts;
  return [
    ...steps.filter(({ unread }) => unread === true).map(unreadStep),
    clients.length === 0 ? laterStep(facts) : restartStep(clients),
    ...(clients.includes("codex") ? codexSteps(facts) : []),
    ...trustStep(facts),
    ...sendingNotice(facts, unsent),
    ...sendingWays(facts, unsent),
    `Take it all out again: ${commandLine(programs, "uninstall")}`,
  ];
}

function restartStep(clients: readonly ClientName[]): string {
  return `Restart ${clients.map((name) => NAMES[name]).join(" and ")}: settings are read at the start.`;
}

function laterStep({ programs }: InstallFacts): string {
  return `Neither Claude Code nor Codex is on this machine: once one is, run ${commandLine(programs, "install")}`;
}

function unreadStep({ path = "its settings" }: StepResult): string {
  return `Take the comments and last commas out of ${path}: until then Claude Code reads nothing of it, and no hook runs.`;
}

function codexSteps(facts: InstallFacts): string[] {
  const { wants, tokens } = facts;
  const meanwhile = isScheduled(facts) ? ", and the schedule sends its sessions" : "";
  const trust = `In Codex, type /hooks and trust memory-sync; until then it skips the hook${meanwhile}.`;
  return [
    ...(wants.mcp && tokens.ai !== undefined ? [tokenStep(facts)] : []),
    ...(wants.hooks && tokens.sync !== undefined ? [trust] : []),
  ];
}

/** This program's launcher knows the certificates; the clients connect by themselves. */
function trustStep({ environment: { env }, clients }: InstallFacts): string[] {
  const path = env[CA_VARIABLE];
  if (path === undefined || path === "" || clients.length === 0) return [];
  const wanted = clients.map((name) => (name === "claude" ? CA_VARIABLE : "SSL_CERT_FILE")).join(" and ");
  return [`For the server's certificate set ${wanted} to ${path} where they start.`];
}

function tokenStep({ environment: { home }, programs, wants }: InstallFacts): string {
  if (programs.windows)
    return `Codex takes its token from the environment: setx ${VARIABLES.aiToken} with the ai_token of ${home.credentials}`;
  if (!wants.shell)
    return `Codex takes its token from the environment: have your shell run . ${shellWord(envFile(home))}`;
  return "Open a new terminal before you start Codex: it takes its token from the environment.";
}
