import type { Transcript } from "../archive/find.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import { keyOf } from "../outbox/enqueue.ts";
import { knowledgeKey, type KnownFile } from "./state.ts";

/** Why a file is looked at. `check`: its size is the same, so only its digest can tell. */
export type Reason = "new" | "changed" | "check";

export type Action =
  | { kind: "knowledge"; reason: Reason; file: TrackedFile; known: KnownFile | undefined }
  | { kind: "session"; reason: Reason; transcript: Transcript; known: KnownFile | undefined };

export interface Snapshot {
  knowledge: ReadonlyMap<string, KnownFile>;
  sessions: ReadonlyMap<string, KnownFile>;
  /** Keys of the jobs in the outbox: what waits there is not tried a second time. */
  queued: ReadonlySet<string>;
}

export interface LocalFiles {
  files: readonly TrackedFile[];
  transcripts: readonly Transcript[];
}

export interface Plan {
  actions: Action[];
  unchanged: { knowledge: number; sessions: number };
  /** Files whose job in the outbox will send them. */
  queued: number;
}

/** A file changed within this time before it was looked at may change again without its time changing. */
export const CLOCK_GRAIN_MS = 2000;

/** What is to be done so that the server holds what is here. Pure. */
export function planSync(known: Snapshot, local: LocalFiles): Plan {
  const plan: Plan = { actions: [], unchanged: { knowledge: 0, sessions: 0 }, queued: 0 };
  for (const file of local.files) {
    const before = known.knowledge.get(knowledgeKey(file));
    const reason = reasonFor(before, file);
    if (known.queued.size > 0 && known.queued.has(knowledgeJobKey(file))) plan.queued += 1;
    else if (reason === undefined) plan.unchanged.knowledge += 1;
    else plan.actions.push({ kind: "knowledge", reason, file, known: before });
  }
  for (const transcript of local.transcripts) {
    const before = known.sessions.get(transcript.path);
    const reason = reasonFor(before, transcript);
    if (known.queued.size > 0 && known.queued.has(keyOf({ kind: "session", path: transcript.path })))
      plan.queued += 1;
    else if (reason === undefined) plan.unchanged.sessions += 1;
    else plan.actions.push({ kind: "session", reason, transcript, known: before });
  }
  return plan;
}

/** Undefined: nothing changed. */
export function reasonFor(
  known: KnownFile | undefined,
  file: { sizeBytes: number; mtimeMs: number },
): Reason | undefined {
  if (known === undefined) return "new";
  if (known.size !== file.sizeBytes) return "changed";
  const settled = known.seen_ms - known.mtime_ms > CLOCK_GRAIN_MS;
  return known.mtime_ms === file.mtimeMs && settled ? undefined : "check";
}

export function knowledgeJobKey(file: Pick<TrackedFile, "workspaceId" | "upload" | "path">): string {
  return keyOf({ kind: "knowledge", path: file.path, workspace_id: file.workspaceId, upload: file.upload });
}
