import { isSystemError } from "../../disk/errno.ts";
import { transcriptPlaces } from "../archive/places.ts";
import type { Config } from "../config.ts";
import { expandHome, type Environment } from "../home/home.ts";
import { loadManifests } from "../manifest/load.ts";
import { fingerprintOf, type Fingerprint, type Inputs } from "./fingerprint.ts";
import { CLOCK_GRAIN_MS } from "./plan.ts";
import type { SyncReport } from "./report.ts";
import type { SyncChoices } from "./sync.ts";
import { conditionsOf, recordUpToDate, type Conditions, type UpToDate } from "./up-to-date.ts";

/** How everything was before a sync began. */
export interface BeforeSync {
  startedMs: number;
  conditions: Conditions;
  inputs: Inputs;
  fingerprint: Fingerprint;
}

/**
 * Looks at everything before a sync does, and before its settings are read, so that a change meanwhile shows later. Undefined
 * for a sync of a special kind, from which nothing follows for the next, and on a disk in disorder, about which the sync speaks.
 */
export async function beforeSync(
  environment: Environment,
  config: () => Promise<Config>,
  { scan, retry, recheck }: SyncChoices,
): Promise<BeforeSync | undefined> {
  if (!scan || retry || recheck) return undefined;
  return unlessRefused(async () => {
    const startedMs = Date.now();
    const conditions = await conditionsOf(environment);
    const { urlFrom, syncToken } = await config();
    if (urlFrom === "flag" || syncToken?.from === "flag") return undefined;
    const inputs = await inputsOf(environment);
    return { startedMs, conditions, inputs, fingerprint: await fingerprintOf(inputs) };
  });
}

/** Keeps for the next sync that this one found nothing to do. A disk that refuses only makes the next one slower. */
export async function afterSync(
  environment: Environment,
  { startedMs, conditions, inputs, fingerprint: { digest: fingerprint, newestMs } }: BeforeSync,
  report: SyncReport,
  answer: UpToDate["answer"],
): Promise<void> {
  const isSettled = startedMs - newestMs > CLOCK_GRAIN_MS;
  if (!isSettled || !isUpToDate(report)) return;
  await unlessRefused(() => recordUpToDate(environment, { ...conditions, inputs, fingerprint, answer }));
}

/** True after a sync that found every file unchanged and has nothing else to say. */
function isUpToDate(report: SyncReport): boolean {
  const { knowledge, sessions, waiting, set_aside, problems, notes, stopped } = report;
  const counts = [
    waiting,
    set_aside,
    problems.length,
    notes.length,
    ...changes(knowledge),
    ...changes(sessions),
  ];
  return stopped === undefined && counts.every((count) => count === 0);
}

function changes({ unchanged: _, ...others }: SyncReport["knowledge"]): number[] {
  return Object.values(others);
}

async function inputsOf({ home, userHome, env }: Environment): Promise<Inputs> {
  const { manifests } = await loadManifests(home);
  return {
    files: manifests.flatMap(({ tracked }) => tracked.map(({ local }) => expandHome(local, userHome))),
    folders: manifests.flatMap(({ tracked_dirs: folders }) =>
      folders.map(({ local, glob }) => ({ path: expandHome(local, userHome), glob })),
    ),
    places: transcriptPlaces(env, userHome),
  };
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
