import type { Cleanup } from "../archive/expiry.ts";
import { formatBytes, formatTime, plain } from "../format.ts";
import type { SyncReport } from "../sync/report.ts";
import { TERMS, type Census, type Heap, type Term } from "./census.ts";

/** What a person puts into Claude Code's settings to keep transcripts for ten years. */
const KEEPING = '"cleanupPeriodDays": 3650';
/** Who keeps them as long as this needs no advice. */
const LONG_DAYS = 365;

const CLIENTS = { "claude-code": "Claude Code", codex: "Codex" } as const;
const WORDS = {
  today: "within a day",
  this_week: "this week",
  this_month: "this month",
  later: "later",
  never: "never (Codex)",
} as const satisfies Record<Term, string>;

/** What is here, and what of it goes when. */
export function censusScreen(
  { found, to_send, expiring, first_expires: first }: Census,
  { url, cleanup, nowMs }: { url: string; cleanup: Cleanup; nowMs: number },
): string {
  const clients = (["claude-code", "codex"] as const).map((name) => row(`  ${CLIENTS[name]}`, found[name]));
  const terms = TERMS.filter((term) => expiring[term].files > 0).map((term) =>
    row(`  ${WORDS[term]}`, expiring[term]),
  );
  return [
    `Server  ${plain(url)}`,
    row("On this machine", sum(found["claude-code"], found.codex)),
    ...clients,
    row("To be sent", to_send),
    ...(terms.length === 0 ? [] : ["Their agent deletes of these", ...terms]),
    ...(first === undefined ? [] : [`${firstGoes(first, nowMs)}.`, `${periodOf(cleanup)}.`]),
  ].join("\n");
}

function firstGoes(time: string, nowMs: number): string {
  return Date.parse(time) <= nowMs ? "The first may go at any moment" : `The first goes ${formatTime(time)}`;
}

/** What became of it, and how no more is lost. */
export function rescuedScreen(
  { sessions, waiting, set_aside, bytes_sent }: SyncReport,
  { cleanup, settings, hasClaude }: { cleanup: Cleanup; settings: string; hasClaude: boolean },
): string {
  const { unchanged, failed, ...others } = sessions;
  const sent = Object.values(others).reduce((total, files) => total + files, 0);
  return [
    `Sent             ${count(sent)}, ${formatBytes(bytes_sent)} on the way`,
    ...(unchanged === 0 ? [] : [`There already    ${count(unchanged)}`]),
    ...(failed === 0 ? [] : [`Failed           ${count(failed)}: memory-sync status says why`]),
    ...(waiting + set_aside === 0
      ? []
      : [`In the outbox    ${count(waiting + set_aside)}; memory-sync sync --retry tries again`]),
    ...(hasClaude && cleanup.days < LONG_DAYS ? ["", ...advice(cleanup, settings)] : []),
  ].join("\n");
}

/** Where it goes is printed and not written: it is the person's disk. */
function advice(cleanup: Cleanup, settings: string): string[] {
  const file = cleanup.file ?? settings;
  return [`${periodOf(cleanup)}. To keep them,`, `put this into ${plain(file)}:`, `  ${KEEPING}`];
}

function periodOf({ days, file }: Cleanup): string {
  const period = `Claude Code deletes them after ${days === 1 ? "1 day" : `${days} days`}`;
  return file === undefined ? `${period} (its default)` : period;
}

function row(name: string, { files, bytes }: Heap): string {
  return `${name.padEnd(16)} ${count(files).padStart(18)} ${formatBytes(bytes).padStart(8)}`;
}

function count(files: number): string {
  return files === 1 ? "1 transcript" : `${files.toLocaleString("en")} transcripts`;
}

function sum(one: Heap, other: Heap): Heap {
  return { files: one.files + other.files, bytes: one.bytes + other.bytes };
}
