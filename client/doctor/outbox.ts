import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { formatDuration, withHint } from "../format.ts";
import { commandFor, shellPath, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

/** Whether what waits to be sent gets there. */
export async function outboxFindings(facts: Facts): Promise<Finding[]> {
  return [ageFinding(facts), ...setAsideFindings(facts), ...(await damagedFindings(facts))];
}

function ageFinding(facts: Facts): Finding {
  const id = "outbox.age";
  const { lateWarnMs, lateFailMs } = LIMITS.client;
  const waiting = facts.preview.jobs.filter(({ standing }) => standing !== "set_aside");
  const [oldest] = waiting;
  if (oldest === undefined) return ok(id, "nothing waits to be sent");
  const ageMs = facts.nowMs - Date.parse(oldest.created_at);
  const many = waiting.length === 1 ? "1 job waits" : `${waiting.length} jobs wait`;
  const said = `${many}, the oldest for ${formatDuration(Math.max(0, ageMs))}`;
  if (!(ageMs > lateWarnMs)) return ok(id, said);
  const message =
    oldest.last_error === undefined ? said : `${said}: ${withHint(oldest.last_error, oldest.hint)}`;
  return (ageMs > lateFailMs ? fail : warn)(id, message, { command: commandFor(facts, "sync --retry") });
}

function setAsideFindings(facts: Facts): Finding[] {
  const aside = facts.preview.jobs.filter(({ standing }) => standing === "set_aside");
  const [first] = aside;
  if (first === undefined) return [];
  const many = aside.length === 1 ? "1 job was refused and is" : `${aside.length} jobs were refused and are`;
  const why = withHint(first.last_error ?? first.path, first.hint);
  const command = commandFor(facts, "sync --retry");
  return [fail("outbox.set_aside", `${many} set aside: ${why}`, { command })];
}

/** Their transcripts are found again by looking; what else is in them only a person can tell. */
async function damagedFindings({ environment }: Facts): Promise<Finding[]> {
  const folder = join(environment.home.queue, "damaged");
  const names = (await unlessMissing(readdir(folder))) ?? [];
  if (names.length === 0) return [];
  const many = names.length === 1 ? "1 damaged job lies" : `${names.length} damaged jobs lie`;
  const command = `rm -r ${shellPath(folder, environment)}`;
  return [
    warn("outbox.damaged", `${many} in ${folder}`, {
      advice: `Look at what they were for; then: ${command}`,
    }),
  ];
}
