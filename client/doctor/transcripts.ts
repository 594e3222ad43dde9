import { LIMITS } from "../../contract/limits.ts";
import type { Transcript } from "../archive/find.ts";
import { expiryOf } from "../archive/expiry.ts";
import { formatDuration } from "../format.ts";
import { commandFor, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

/** Whether transcripts of this machine are missing on the server, and whether they will be deleted here soon. */
export function transcriptFindings(facts: Facts): Finding[] {
  const { preview } = facts;
  const queued = new Set(preview.jobs.map(({ path }) => path));
  const pending = preview.plan.actions.flatMap((action) =>
    action.kind === "session" && action.reason !== "check" ? action.transcript : [],
  );
  const missing = [...pending, ...preview.transcripts.filter(({ path }) => queued.has(path))];
  return [laggingFinding(facts, pending), ...expiringFindings(facts, missing)];
}

function laggingFinding(facts: Facts, pending: readonly Transcript[]): Finding {
  const id = "transcripts.lagging";
  const { lateWarnMs, lateFailMs } = LIMITS.client;
  const late = pending.filter(({ mtimeMs }) => facts.nowMs - mtimeMs > lateWarnMs);
  if (late.length === 0) return ok(id, `${count(facts.preview.transcripts.length)} here, none late`);
  const oldestMs = facts.nowMs - late.reduce((least, { mtimeMs }) => Math.min(least, mtimeMs), Infinity);
  const message = `the server lacks ${count(late.length)}, one for ${formatDuration(oldestMs)}`;
  return (oldestMs > lateFailMs ? fail : warn)(id, message, { command: commandFor(facts, "sync") });
}

function expiringFindings(facts: Facts, missing: readonly Transcript[]): Finding[] {
  const id = "transcripts.expiring";
  const { cleanup, nowMs } = facts;
  const soon = missing.filter((one) => expiryOf(one, cleanup) - nowMs < LIMITS.client.expiringSoonMs);
  if (soon.length === 0 && !facts.clients.includes("claude")) return [];
  if (soon.length === 0) return [ok(id, `Claude Code deletes them after ${cleanup.days} days`)];
  const message = `Claude Code may delete ${count(soon.length)} within a week that the server lacks`;
  return [fail(id, message, { command: commandFor(facts, "rescue --yes") })];
}

function count(transcripts: number): string {
  return transcripts === 1 ? "1 transcript" : `${transcripts} transcripts`;
}
