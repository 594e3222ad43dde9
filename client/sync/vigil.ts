import type { Config } from "../config.ts";
import type { Environment } from "../home/home.ts";
import { expandHome } from "../home/home.ts";
import { loadManifests } from "../manifest/load.ts";
import { transcriptPlaces } from "../archive/places.ts";
import { isIdle, keepCalm, settingsOf, type Calm } from "./calm.ts";
import { lookAround, type Look, type Watched } from "./look-around.ts";
import { CLOCK_GRAIN_MS } from "./plan.ts";
import type { SyncReport } from "./report.ts";
import type { SyncChoices } from "./sync.ts";

/** How everything was before a sync began. */
export interface Vigil {
  startedMs: number;
  settings: string;
  watched: Watched;
  look: Look;
}

/** Looks at everything before a sync does. Undefined for a sync of a special kind, from which nothing follows for the next. */
export async function beginVigil(
  environment: Environment,
  config: Config,
  { scan, retry, recheck }: SyncChoices,
): Promise<Vigil | undefined> {
  const isUsual =
    scan && !retry && !recheck && config.urlFrom !== "flag" && config.syncToken?.from !== "flag";
  if (!isUsual) return undefined;
  const startedMs = Date.now();
  const settings = await settingsOf(environment);
  const watched = await watchedBy(environment);
  return { startedMs, settings, watched, look: await lookAround(watched) };
}

/** Keeps for the next sync that this one found nothing to do. */
export async function endVigil(
  environment: Environment,
  { startedMs, settings, watched, look }: Vigil,
  report: SyncReport,
  answer: Calm["answer"],
): Promise<void> {
  const isSettled = startedMs - look.newestMs > CLOCK_GRAIN_MS;
  if (!isSettled || !isCalm(report) || !(await isIdle(environment.home))) return;
  if ((await settingsOf(environment)) !== settings) return;
  await keepCalm(environment.home, { settings, watched, seen: look.digest, answer });
}

function isCalm({ problems, notes, waiting, set_aside, bytes_sent, stopped }: SyncReport): boolean {
  const isQuiet = problems.length === 0 && notes.length === 0 && stopped === undefined;
  return isQuiet && waiting + set_aside + bytes_sent === 0;
}

async function watchedBy({ home, userHome, env }: Environment): Promise<Watched> {
  const { manifests } = await loadManifests(home);
  return {
    files: manifests.flatMap(({ tracked }) => tracked.map(({ local }) => expandHome(local, userHome))),
    folders: manifests.flatMap(({ tracked_dirs: folders }) =>
      folders.map(({ local, glob }) => ({ path: expandHome(local, userHome), glob })),
    ),
    places: transcriptPlaces(env, userHome),
  };
}
