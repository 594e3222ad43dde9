import { formatBytes } from "../format.ts";
import type { InstallFacts } from "./plan-install.ts";
import { commandLine } from "./programs.ts";

/** Transcripts of this machine that were never sent. */
export interface Unsent {
  readonly files: number;
  readonly bytes: number;
  /** Secrets are taken out before they are sent. */
  readonly redact: boolean;
}

/** True where a scheduler runs the client. */
export function isScheduled({ wants, schedule }: InstallFacts): boolean {
  return wants.schedule && typeof schedule !== "string";
}

/** What is sent is said before it is: old transcripts may hold what their owner has forgotten. Nothing where there is none. */
export function sendingNotice(facts: InstallFacts, { files, bytes, redact }: Unsent): string[] {
  if (files === 0 || facts.tokens.sync === undefined) return [];
  const one = files === 1;
  const what = `${one ? "1 transcript" : `${files} transcripts`} (${formatBytes(bytes)}) that ${one ? "is" : "are"} here already`;
  const when = occasionOf(facts);
  if (when === undefined) return [`Nothing sends the ${what} by itself.`];
  const how = redact ? "with secrets taken out" : `with whatever secrets are in ${one ? "it" : "them"}`;
  return [`The ${what} ${one ? "goes" : "go"} to ${facts.url} ${when}, ${how}.`];
}

/** What a person may do about it. */
export function sendingWays(facts: InstallFacts, unsent: Unsent): string[] {
  if (sendingNotice(facts, unsent).length === 0) return [];
  const rescue = `To send the most urgent now: ${commandLine(facts.programs, "rescue")}`;
  if (occasionOf(facts) === undefined) return [rescue];
  const install = commandLine(facts.programs, "install");
  return [
    `To see what it would send first: ${commandLine(facts.programs, "sync")} --dry-run`,
    ...(unsent.redact ? [] : [`To have secrets taken out: ${install} --redact`]),
    `To have nothing sent by itself: ${install} --no-schedule --no-hooks`,
    rescue,
  ];
}

/** What sends them first; undefined where nothing does by itself. A session's start looks through the machine too. */
function occasionOf(facts: InstallFacts): string | undefined {
  if (isScheduled(facts)) return `with the next sync, within ${facts.minutes} minutes`;
  return facts.wants.hooks && facts.clients.includes("claude")
    ? "when the next session of Claude Code starts"
    : undefined;
}
