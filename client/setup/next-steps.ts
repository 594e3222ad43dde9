import { VARIABLES } from "../home/home.ts";
import { shellWord } from "../launcher/quote.ts";
import type { InstallFacts } from "./plan-install.ts";
import { commandLine } from "./programs.ts";
import { envFile } from "./shell-files.ts";
import { CA_VARIABLE } from "./trust.ts";

const NAMES = { claude: "Claude Code", codex: "Codex" } as const;

/** What is left for the person to do, as sentences. */
export function nextSteps(facts: InstallFacts): string[] {
  const { clients, programs, tokens } = facts;
  const names = clients.map((name) => NAMES[name]).join(" and ");
  return [
    ...(names === "" ? [] : [`Restart ${names}: settings are read at the start.`]),
    ...(clients.includes("codex") ? codexSteps(facts) : []),
    ...trustStep(facts),
    ...(tokens.sync === undefined ? [] : [sendStep(facts)]),
    `Take it all out again: ${commandLine(programs, "uninstall")}`,
  ];
}

/** What is sent is said before it is: old transcripts may hold what their owner has forgotten. */
function sendStep(facts: InstallFacts): string {
  const rescue = commandLine(facts.programs, "rescue");
  if (!isScheduled(facts)) return `Send what is here already: ${rescue}`;
  return `The schedule's next run sends every transcript that is here already. To see them first, and send the most urgent now: ${rescue}`;
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

function isScheduled({ wants, schedule }: InstallFacts): boolean {
  return wants.schedule && typeof schedule !== "string";
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
