import { plain, withHint } from "../format.ts";
import { withTilde } from "../home/home.ts";
import type { Output } from "../output.ts";
import type { SyncReport } from "../sync/report.ts";
import type { Outcome } from "./exit.ts";

/** More notes than this are only counted: cron mails what is said. */
const NOTES = 3;

/** Says what of a sync somebody should know. */
export function talkAboutSync(report: SyncReport, output: Output, userHome: string): void {
  const { set_aside, waiting, stopped } = report;
  talkAboutFiles(report, output, userHome);
  if (stopped?.why === "busy") output.say(stopped.message);
  else if (stopped !== undefined) output.fail(withHint(stopped.message, stopped.hint));
  if (set_aside > 0)
    output.warn(
      `${jobs(set_aside, { one: "was refused and is", many: "were refused and are" })} set aside; \`memory-sync status\` shows why, \`memory-sync sync --retry\` tries again`,
    );
  if (waiting > 0)
    output.say(
      `${jobs(waiting, { one: "waits", many: "wait" })} in the outbox for a later sync; \`memory-sync sync --retry\` tries now`,
    );
}

/** Says which files were left out or failed; a note begins with the path that it is about. */
export function talkAboutFiles(
  { notes, problems }: Pick<SyncReport, "notes" | "problems">,
  output: Output,
  userHome: string,
): void {
  if (notes.length > NOTES)
    output.say(`${notes.length} files were left out; \`memory-sync status\` says why`);
  else for (const note of notes) output.say(plain(withTilde(note, userHome)));
  for (const { path, message, hint } of problems)
    output.warn(withHint(`${withTilde(path, userHome)}: ${message}`, hint));
}

/** How a command that synced ends. */
export function outcomeOfSync({ stopped, problems, set_aside }: SyncReport): Outcome {
  if (stopped !== undefined && stopped.why !== "busy") return stopped.why;
  return problems.length > 0 || set_aside > 0 ? "problem" : "ok";
}

function jobs(count: number, { one, many }: { one: string; many: string }): string {
  return count === 1 ? `1 job ${one}` : `${count} jobs ${many}`;
}
