import { loadManifests } from "../manifest/load.ts";
import { formatTime, plain, withHint } from "../format.ts";
import type { Output } from "../output.ts";
import type { QueuedJob } from "../outbox/outbox.ts";
import type { Action, Reason } from "../sync/plan.ts";
import type { Problem } from "../sync/report.ts";
import { totalReceipts, type ReceiptTotals } from "../redact/receipts.ts";
import { lastRun, type LastRun } from "../sync/last-run.ts";
import { previewSync } from "../sync/preview.ts";
import { defineCommand } from "./command.ts";

/** How many files stand how: `new` and `changed` will be sent, `check` will be looked at again, `queued` have a job. */
type Counts = Record<Reason | "unchanged" | "queued", number>;

/** What the command prints with --json. */
interface Status {
  url: string;
  url_from: string;
  machine: string;
  workspaces: { workspace_id: string; cwd: string | undefined; pending: number }[];
  knowledge: Counts;
  sessions: Counts;
  /** What was taken out of the files that were sent, as far as the log goes back. */
  redacted: ReceiptTotals;
  /** Jobs of the outbox: sent with the next sync, waiting after a failure, or set aside. */
  jobs: QueuedJob[];
  /** How the last sync ended; absent when there was none. */
  last_sync: LastRun | undefined;
  problems: Problem[];
  /** Files and transcripts that are left out, and why. */
  notes: string[];
}

/** More notes than this are only counted. */
const NOTES = 20;

export const status = defineCommand({
  name: "status",
  summary: "What is tracked, pending and failed, and why",
  options: {},
  details: "Asks the server nothing; `memory-sync test` does.",
  async run(context) {
    const { environment, output } = context;
    const config = await context.config();
    const { manifests } = await loadManifests(environment.home);

    const preview = await previewSync({ environment, config }, { scan: true, retry: false, recheck: false });

    const { actions, unchanged } = preview.plan;
    const { jobs } = preview;
    const standing: Status = {
      url: config.url,
      url_from: config.urlFrom,
      machine: config.machine,
      workspaces: manifests.map(({ workspace_id, cwd }) => ({
        workspace_id,
        cwd,
        pending:
          actions.filter((action) => isPendingIn(action, workspace_id)).length +
          jobs.filter((job) => job.workspace_id === workspace_id).length,
      })),
      knowledge: countsOf("knowledge", { actions, jobs, unchanged: unchanged.knowledge }),
      sessions: countsOf("session", { actions, jobs, unchanged: unchanged.sessions }),
      redacted: await totalReceipts(environment.home),
      jobs,
      last_sync: await lastRun(environment.home),
      problems: preview.problems,
      notes: preview.notes,
    };
    output.answer(standing, () => textOf(standing, output));
    const isRefused = standing.last_sync?.outcome === "auth";
    const isStuck =
      isRefused || standing.problems.length > 0 || jobs.some((job) => job.standing === "set_aside");
    return isStuck ? "problem" : "ok";
  },
});

function isPendingIn(action: Action, workspaceId: string): boolean {
  return action.kind === "knowledge" && action.file.workspaceId === workspaceId && action.reason !== "check";
}

function countsOf(
  kind: Action["kind"],
  found: { actions: readonly Action[]; jobs: readonly QueuedJob[]; unchanged: number },
): Counts {
  const queued = found.jobs.filter((job) => job.kind === kind).length;
  const counts: Counts = { unchanged: found.unchanged, new: 0, changed: 0, check: 0, queued };
  for (const action of found.actions) if (action.kind === kind) counts[action.reason] += 1;
  return counts;
}

function textOf(standing: Status, output: Output): string {
  const { url, url_from, machine, workspaces, jobs, problems, notes } = standing;
  const sections = [
    [
      `Server     ${plain(url)} (${url_from})`,
      `Machine    ${machine}`,
      `Knowledge  ${sentenceOf(standing.knowledge)}`,
      `Sessions   ${sentenceOf(standing.sessions)}`,
      `Last sync  ${lastText(standing.last_sync, output)}`,
      ...(standing.redacted.files === 0 ? [] : [`Redacted   ${redactedText(standing.redacted)}`]),
    ].join("\n"),
    workspaces.length === 0
      ? "No manifests: no knowledge is tracked. `memory-sync init-manifest` makes one."
      : workspaceTable(workspaces, output),
    jobs.length === 0 ? "The outbox is empty." : jobs.map((job) => jobText(job, output)).join("\n"),
    ...(notes.length === 0 ? [] : [notesText(notes)]),
    ...problems.map((problem) => `${output.paint("red", "problem:")} ${problemText(problem)}`),
  ];
  return sections.join("\n\n");
}

function lastText(run: LastRun | undefined, output: Output): string {
  if (run === undefined) return "none yet";
  const time = formatTime(run.at);
  if (run.outcome === "ok") return `${time}, all went well`;
  return `${output.paint("red", "failed")} ${time}: ${withHint(run.message ?? run.outcome, run.hint)}`;
}

/** What is to be looked at again has been sent: it only changed so lately that its time alone does not tell. */
function sentenceOf({ unchanged, check, queued, ...counts }: Counts): string {
  const again = check === 0 ? "" : `; ${check} changed so lately that the next sync makes sure of it`;
  const waiting = queued === 0 ? "" : `, ${queued} in the outbox`;
  return `${unchanged + check} sent, ${counts.new} new, ${counts.changed} changed${waiting}${again}`;
}

function redactedText({ files, counts }: ReceiptTotals): string {
  const rules = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const sum = rules.reduce((total, [, count]) => total + count, 0);
  const said = rules.map(([rule, count]) => `${count} ${rule}`).join(", ");
  return plain(`${sum} secrets in ${files === 1 ? "1 file" : `${files} files`}: ${said}`);
}

function workspaceTable(workspaces: Status["workspaces"], output: Output): string {
  return output.table(
    [{ title: "WORKSPACE", style: "cyan" }, { title: "FILES PENDING", align: "right" }, { title: "FOLDER" }],
    workspaces.map(({ workspace_id, pending, cwd }) => [workspace_id, String(pending), cwd ?? ""]),
  );
}

/** Two lines for a job: reasons are sentences, and paths are long. */
function jobText(job: QueuedJob, output: Output): string {
  const next =
    job.standing === "waiting" && job.not_before !== undefined
      ? `, next try ${formatTime(job.not_before)}`
      : "";
  const head = `${job.standing.replace("_", " ")} (tries: ${job.tries}${next}): ${job.kind} ${plain(job.path)}`;
  const why = withHint(job.last_error ?? job.reason, job.hint);
  const style = job.standing === "set_aside" ? "red" : "yellow";
  return `${output.paint(style, head)}${why === "" ? "" : `\n    ${why}`}`;
}

function notesText(notes: readonly string[]): string {
  const more = notes.length - NOTES;
  return [
    "Left out:",
    ...notes.slice(0, NOTES).map((note) => `    ${plain(note)}`),
    ...(more > 0 ? [`    and ${more} more; --json says which and why`] : []),
  ].join("\n");
}

function problemText({ path, message, hint }: Problem): string {
  return withHint(`${path}: ${message}`, hint);
}
